import { readHealth } from '../api.ts';
import { Failure } from '../failure.ts';
import { checkPrivileges, loadInstalled } from '../install/install.ts';
import { stopService } from '../processes/keeper.ts';
import { isAlive, readPidFile, signal } from '../processes/process-id.ts';
import { type ServiceName, servicesOf } from '../processes/services.ts';
import { runningSupervisor, stopAll } from '../processes/supervisor.ts';
import { until } from '../wait.ts';

/** Stops everything in order. Calls in progress end. */
export async function down(data: string): Promise<void> {
  checkPrivileges();
  const installed = await loadInstalled(data);
  const supervisor = runningSupervisor(installed.paths);
  if (supervisor) {
    signal(supervisor, 'SIGTERM');
    await until('The supervisor did not stop', 60_000, () => (isAlive(supervisor) ? null : true));
  }
  const stopped = await stopAll(servicesOf(installed));
  console.log(supervisor || stopped.length > 0 ? 'LittlePBX is stopped.' : 'It was not running.');
}

/** Ends one process; the supervisor starts it again. Only a restart of the engine ends calls. */
export async function restart(data: string, name: ServiceName): Promise<void> {
  checkPrivileges();
  const installed = await loadInstalled(data);
  const service = servicesOf(installed).find((s) => s.name === name);
  if (!service) throw new Failure('The database is not ours to restart: --database-url points to a server of its own.');
  if (!runningSupervisor(installed.paths)) throw new Failure('It is not running. Start it: ./littlepbx up');
  await stopService(service);
  await until(`${name} did not start again`, 15_000, () => readPidFile(service.pidFile));
  await until(`${name} runs again, but LittlePBX is not ready`, 60_000, async () => {
    return (await readHealth(data, installed.installation))?.isReady ?? false;
  });
  console.log(`${name} is restarted.`);
}
