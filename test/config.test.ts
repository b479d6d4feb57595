import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';

const machine = { home: '/home/ada', isRoot: false, cores: 6, hostName: 'analytical' };
const root = { home: '/root', isRoot: true, cores: 2, hostName: 'analytical' };

describe('the configuration', () => {
  test('has a default for everything', () => {
    expect(loadConfig({}, machine)).toEqual({
      dataDirectory: '/home/ada/.local/share/strongroom',
      databaseUrl: undefined,
      host: '127.0.0.1',
      port: 7878,
      secretKey: undefined,
      roots: ['/home/ada'],
      plugins: [],
      lanes: 6,
      logLevel: 'info',
      worksJobs: true,
      workerName: 'analytical',
      publicUrl: undefined,
      client: { url: 'http://127.0.0.1:7878', urlGiven: false, token: undefined },
    });
    expect(loadConfig({}, root).dataDirectory).toBe('/var/lib/strongroom');
    expect(loadConfig({ XDG_DATA_HOME: '/xdg' }, machine).dataDirectory).toBe('/xdg/strongroom');
    expect(loadConfig({ XDG_DATA_HOME: 'relative' }, machine).dataDirectory).toBe('/home/ada/.local/share/strongroom');
    expect(loadConfig({ STRONGROOM_PORT: '', DATABASE_URL: undefined }, machine)).toEqual(loadConfig({}, machine));
  });

  test('takes every variable', () => {
    const config = loadConfig(
      {
        STRONGROOM_DATA_DIR: '/srv/strongroom/',
        DATABASE_URL: 'postgresql://ada:pw@db.example:5433/strongroom?sslmode=require',
        STRONGROOM_HOST: '::1',
        STRONGROOM_PORT: '0',
        STRONGROOM_SECRET_KEY: 'Ab'.repeat(32),
        STRONGROOM_ROOTS: '/srv/app: /var/www/ :',
        STRONGROOM_PLUGINS: 'one, @scope/two,./three.ts,',
        STRONGROOM_LANES: '3',
        STRONGROOM_LOG: 'debug',
        STRONGROOM_WORKER: 'off',
        STRONGROOM_WORKER_NAME: ' night shift ',
        STRONGROOM_PUBLIC_URL: 'https://backup.example/strongroom/',
        STRONGROOM_URL: 'http://other:1234/',
        STRONGROOM_TOKEN: ' srt_x\n',
      },
      root,
    );
    expect(config).toEqual({
      dataDirectory: '/srv/strongroom',
      databaseUrl: 'postgresql://ada:pw@db.example:5433/strongroom?sslmode=require',
      host: '::1',
      port: 0,
      secretKey: new Uint8Array(32).fill(0xab),
      roots: ['/srv/app', '/var/www'],
      plugins: ['one', '@scope/two', './three.ts'],
      lanes: 3,
      logLevel: 'debug',
      worksJobs: false,
      workerName: 'night shift',
      publicUrl: 'https://backup.example/strongroom',
      client: { url: 'http://other:1234', urlGiven: true, token: 'srt_x' },
    });
  });

  test('names every mistake at once and repeats no secret', () => {
    const wrong = {
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      STRONGROOM_HOST: 'no host',
      STRONGROOM_PORT: '70000',
      STRONGROOM_SECRET_KEY: 'hunter2',
      STRONGROOM_ROOTS: '/ok:not/absolute',
      STRONGROOM_LANES: '0',
      STRONGROOM_LOG: 'loud',
      STRONGROOM_WORKER: 'yes',
      STRONGROOM_WORKER_NAME: 'two\nlines',
      STRONGROOM_PUBLIC_URL: 'ftp://x',
      STRONGROOM_URL: 'nowhere',
    };
    const refused = (): unknown => {
      try {
        return loadConfig(wrong, machine);
      } catch (error) {
        return error;
      }
    };
    const error = refused();
    expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID' });
    for (const name of Object.keys(wrong)) expect(String(error)).toContain(name);
    expect(String(error)).not.toContain('hunter2');
  });

  test.for(['7878x', '-1', '1.5', ' ', '65536'])('refuses the port %j', (port) => {
    expect(() => loadConfig({ STRONGROOM_PORT: port }, machine)).toThrow('STRONGROOM_PORT');
  });
});
