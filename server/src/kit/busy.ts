/** Tells how busy this process's event loop was since the last look: 0 to 1. Work in the background rests by it, so that requests go first. */
export function busyMeter(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
