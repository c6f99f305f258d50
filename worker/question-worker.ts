import { Worker, type NativeConnection } from '@temporalio/worker';
import { createReassignedActivities, type ReassignedDependencies } from '../activities/reassigned.ts';
import { questionTaskQueue } from '../workflows/messages.ts';

export interface QuestionWorkerOptions extends ReassignedDependencies {
  connection: NativeConnection;
  namespace: string;
  /** Of the workflows; that of the questions follows from it. */
  taskQueue: string;
}

const QUESTIONS_AT_ONCE = 8;

/** The Temporal worker of questions to databases that are paid by the question: Temporal counts them for all workers together. */
export function createQuestionWorker(options: QuestionWorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue, ...dependencies } = options;
  return Worker.create({
    connection,
    namespace,
    taskQueue: questionTaskQueue(taskQueue),
    activities: createReassignedActivities(dependencies),
    maxConcurrentActivityTaskExecutions: QUESTIONS_AT_ONCE,
    maxTaskQueueActivitiesPerSecond: dependencies.reassigned.perSecond,
    // A question under way may still be answered; what is broken off is asked again.
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
  });
}
