import { readHealth } from '../api.ts';
import { drain, liftDrain, stopCalls } from '../drain.ts';
import { Failure } from '../failure.ts';
import { removeTable } from '../firewall/firewall.ts';
import { checkPrivileges, loadInstalled } from '../install/install.ts';
import type { Installation } from '../install/installation.ts';
import { stopService } from '../processes/keeper.ts';
import { isAlive, readPidFile, signal } from '../processes/process-id.ts';
import { type Installed, type Service, type ServiceName, servicesOf } from '../processes/services.ts';
import { runningSupervisor, stopInstallation } from '../processes/supervisor.ts';
import { serviceNote, stopUnits } from '../service/systemd.ts';
import { until } from '../wait.ts';

/** Stops everything in order. Calls in progress end. */
export async function down(data: string): Promise<void> {
  checkPrivileges();
  const installed = await loadInstalled(data);
  const note = serviceNote(installed.paths);
  if (note) {
    await stopCalls({ data, installation: installed.installation });
    await stopUnits(note.name);
    console.log(`Stopped until the next boot. Start it: systemctl start ${note.name}.target`);
  }
  const supervisor = runningSupervisor(installed.paths);
  if (supervisor) {
    signal(supervisor, 'SIGTERM');
    await until('The supervisor did not stop', 60_000, () => (isAlive(supervisor) ? null : true));
  }
  const stopped = await stopInstallation(installed);
  // Left behind by a supervisor that was killed.
  if (installed.installation.firewall.isActive) await removeTable(installed.paths);
  console.log(note || supervisor || stopped.length > 0 ? 'LittlePBX is stopped.' : 'It was not running.');
}

/**
 * Ends one process; the supervisor starts it again. Only a restart of the engine ends calls.
 * @param drainInS for the engine: how long calls in progress may go on before, while new ones are refused. Seconds.
 */
export async function restart(data: string, name: ServiceName, drainInS = 0): Promise<void> {
  checkPrivileges();
  const installed = await loadInstalled(data);
  const service = servicesOf(installed).find((s) => s.name === name);
  if (!service) throw new Failure('The database is not ours to restart: --database-url points to a server of its own.');
  if (!runningSupervisor(installed.paths)) throw new Failure('It is not running. Start it: ./littlepbx up');
  const calls = name === 'engine' ? await endCalls({ data, installation: installed.installation }, drainInS) : 0;
  await startAgain(data, installed, service);
  console.log(`${name} is restarted.${calls > 0 ? ` It ended ${calls} calls.` : ''}`);
}

/** Ends a process, and waits until the supervisor has started it again and all is ready. */
async function startAgain(data: string, { installation }: Installed, service: Service): Promise<void> {
  await stopService(service);
  await until(`${service.name} did not start again`, 15_000, () => readPidFile(service.pidFile));
  await until(`${service.name} runs again, but LittlePBX is not ready`, 60_000, async () => {
    return (await readHealth(data, installation))?.isReady || null;
  });
}

/** Lets calls run out, if asked to, and ends what is left. Ctrl-C meanwhile: nothing has happened. */
export async function endCalls(which: { data: string; installation: Installation }, drainInS: number): Promise<number> {
  if (drainInS > 0) {
    const stop = new AbortController();
    const onSignal = () => stop.abort();
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    const left = await drain(which, drainInS, stop.signal, (calls) => {
      console.error(
        `${calls} calls in progress; new ones are refused. Waiting at most ${drainInS} s; Ctrl-C gives up.`,
      );
    });
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    if (stop.signal.aborted) {
      await liftDrain(which);
      throw new Failure('Interrupted: the engine runs on, and new calls are taken again.');
    }
    if (left === 0) return 0;
  }
  return stopCalls(which);
}
