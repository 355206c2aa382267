// Every route of a real edge with a request that it takes, and another business whose things are nobody else's to touch.

import type { OpenApi } from '../../edge/http/description/openapi.ts';
import { pathTemplate } from '../../edge/http/description/operation.ts';
import type { DescribedRoute } from '../../edge/http/description/routes.ts';
import type { KnownUser } from '../../edge/identity/directory.ts';
import { type Prepared, prepare } from '../description/carry-out.ts';
import { answerCheck, type NamedExample, type Operation, operationsOf } from '../description/interface.ts';
import { type Scene, setScene } from '../description/scenes.ts';
import { granted, type Session, World } from '../description/world.ts';
import { ask, type Door, openDoor, type Servers, startServers } from '../edge/http/door.ts';
import { nameOf, Witness } from './judge.ts';

/** A route, and how it is rightly asked. */
export interface Subject {
  readonly name: string;
  readonly route: DescribedRoute;
  readonly operation: Operation;
  /** Undefined where no example shows what it takes: a form with files, or what goes out to strangers. */
  readonly example: NamedExample | undefined;
}

export interface Stranger {
  readonly admin: KnownUser;
  readonly session: Session;
  readonly siteKey: string;
}

export class Stage {
  readonly servers: Servers;
  readonly door: Door;
  readonly world: World;
  readonly document: OpenApi;
  readonly subjects: readonly Subject[];
  readonly stranger: Stranger;
  readonly witness: Witness;
  readonly checkOf: ReturnType<typeof answerCheck>;

  private constructor(
    servers: Servers,
    world: World,
    document: OpenApi,
    subjects: readonly Subject[],
    stranger: Stranger,
  ) {
    this.servers = servers;
    this.door = world.door;
    this.world = world;
    this.document = document;
    this.subjects = subjects;
    this.stranger = stranger;
    this.witness = new Witness(world.door);
    this.checkOf = answerCheck(document);
  }

  static async open(): Promise<Stage> {
    const servers = await startServers();
    const door = await openDoor(servers);
    const world = await World.begin(servers, door);
    const document: OpenApi = (await ask(door.url, 'GET', '/api/openapi.json')).body;
    const operations = operationsOf(document);
    const subjects = door.routes.flatMap((route): Subject[] => {
      const operation = operations.find(
        ({ method, path }) => method === route.method && path === pathTemplate(route.path),
      );
      if (!operation || route.hidden !== undefined) return [];
      const example = operation['x-examples']?.find(({ status }) => status < 400);
      return [{ name: nameOf(route), route, operation, example }];
    });
    return new Stage(servers, world, document, subjects, await strangerOf(world));
  }

  /** A scene for the route, as its example wants it; lists may not show it yet. */
  scene({ operation }: Subject): Promise<Scene> {
    return setScene(this.world, operation, false);
  }

  /** What the route takes, in that scene, with credentials as of now. */
  async asked({ operation, example, route }: Subject, scene: Scene): Promise<Prepared> {
    const caller = this.world.door.parts.directory.anyUser(scene.caller.number) ?? this.world.admin;
    const now = { ...scene, caller, apiToken: await this.world.apiToken() };
    return prepare(this.world, operation, example ?? bare(route), now);
  }

  async close(): Promise<void> {
    await this.door.close();
    await this.servers.stop();
  }
}

/** A route's example where it has none: its address, and nothing more. */
function bare({ path }: DescribedRoute): NamedExample {
  const params = Object.fromEntries([...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, 'x']));
  return { name: 'bare', params, status: 200 };
}

/** Another business, which has a session, too. */
async function strangerOf(world: World): Promise<Stranger> {
  const { accounts, directory, desk } = world.door.parts;
  const person = { username: 'other', fullName: 'Otto Other', email: 'otto@other.example' };
  const { user: admin } = granted(
    await accounts.found({ ...person, password: World.ADMIN.password }, 'Another Business'),
  );
  const widget = directory.defaultWidget(admin.workspace);
  if (!widget) throw new Error('the other business has no widget');
  const id = 'session-of-others';
  const origin = { ip: '192.0.2.9', userAgent: 'a test', pageUrl: '', channel: 'test' };
  const opened = granted(await desk.start({ widget, id, visitor: { name: 'Olga' }, origin }));
  const guest = granted(await desk.visitor(id, undefined));
  const session = { id, visitorToken: opened.visitorToken, guest };
  return { admin, session, siteKey: widget.siteKey };
}
