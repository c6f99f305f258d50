import type { Db } from '../db/connection.ts';
import { blockHistories } from '../db/dnc-look-up.ts';
import type { Release } from '../db/dnc-releases.ts';
import { ListTree, type NumberPath } from '../proof/merkle-tree.ts';
import { prefixOf } from '../proof/number-block.ts';
import { blockAt, leavesAt } from './past-leaves.ts';
import { PastBlock } from './past.ts';

/** Of the largest registry a tree takes some 17 MB. */
const MOST_TREES = 4;

type NumberedRelease = Pick<Release, 'id' | 'list' | 'number' | 'root'>;

const shelves = new WeakMap<Db, Map<string, Promise<ListTree>>>();

/**
 * What proves of a number (E.164 digits) whether a release that is or was in force has it. The tree of a release is built from
 * its blocks when it is first asked for, the sooner the fewer releases came after it; the last few are kept.
 */
export async function proveNumber(db: Db, release: NumberedRelease, number: number): Promise<NumberPath> {
  const tree = await treeOf(db, release);
  const prefix = prefixOf(number);
  const [history] = await blockHistories(db, { lists: [release.list], prefixes: `{${prefix}}` });
  return tree.prove(number, history ? blockAt(new PastBlock(history), requireNumber(release)) : null);
}

/** A past release never changes, so neither does its tree. */
function treeOf(db: Db, release: NumberedRelease): Promise<ListTree> {
  const shelf = shelves.get(db) ?? new Map<string, Promise<ListTree>>();
  shelves.set(db, shelf);
  const tree = shelf.get(release.id) ?? growTree(db, release);
  shelf.delete(release.id);
  shelf.set(release.id, tree);
  tree.catch(() => shelf.delete(release.id));
  const [oldest] = shelf.keys();
  if (oldest !== undefined && shelf.size > MOST_TREES) shelf.delete(oldest);
  return tree;
}

async function growTree(db: Db, release: NumberedRelease): Promise<ListTree> {
  const tree = await ListTree.grow(await leavesAt(db, release.list, requireNumber(release)));
  if (tree.root !== release.root) throw new Error('the blocks of a list do not add up to the root of its release');
  return tree;
}

function requireNumber({ number }: NumberedRelease): number {
  if (number === null) throw new Error('a release that never came into force has no state of its own');
  return number;
}
