// Simulates a lost answer: the handler does its work, and the connection breaks when it answers.
import type { Response } from 'express';

/** Replaces `response.json`, so that the handler's answer destroys the connection. */
export function loseAnswer(response: Response): void {
  response.json = () => response.destroy();
}
