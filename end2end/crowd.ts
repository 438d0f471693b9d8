// A project with a lot in it, written over REST as a client would: long names, many runs, graphs of many steps.
import type { Rest } from './rest'

export const CROWD = 'crowd'
export const LONG_NAME = 'quarterly_customer_lifetime_value_estimation_with_gradient_boosting_and_monotone_constraints_v2'

type Steps = Record<string, string[]>

/** A step that feeds all others, those in between, and one that takes them all. */
export function fanOut(count: number): Steps {
  if (count === 1) return { only_step: [] }
  const between = Array.from({ length: Math.max(0, count - 2) }, (_, index) => `train_region_${index + 1}`)
  return {
    load_everything: [],
    ...Object.fromEntries(between.map((name) => [name, ['load_everything']])),
    compare_and_report: between.length ? between : ['load_everything'],
  }
}

interface Created { id: string }

/** A parameter of every step: the value it has, and its JSON schema. */
export interface Parameter { value: unknown, schema: object }

/** One text. */
const REGION = { region: { value: 'everywhere', schema: { type: 'string', description: 'Part of the world' } } }

export class Crowd {
  private constructor(private readonly rest: Rest, private readonly project: string, private readonly stack: string) {}

  static async open(rest: Rest): Promise<Crowd> {
    const found = (await rest.items('/projects')).find((one) => one.name === CROWD)
    const project = found ?? await rest.send<Created>('POST', '/projects', { name: CROWD, display_name: 'Crowd', description: '' })
    const stack = (await rest.items('/stacks?name=default'))[0]
    return new Crowd(rest, project.id, stack.id)
  }

  /** A snapshot of a pipeline with these steps; its name, if it is to have one; what each step takes. */
  async snapshot(pipelineName: string, steps: Steps, name: string | null = null, takes: Record<string, Parameter> = REGION): Promise<string> {
    const found = await this.rest.items(`/pipelines?project=${this.project}&name=${pipelineName}`)
    const pipeline = found[0] ?? await this.rest.send<Created>('POST', '/pipelines', { project: this.project, name: pipelineName })
    const part = (key: 'value' | 'schema') => Object.fromEntries(Object.entries(takes).map(([parameter, parts]) => [parameter, parts[key]]))
    const config = (step: string) => ({ name: step, parameters: part('value'), outputs: { result: { materializer_source: [] } } })
    const configurations = Object.entries(steps).map(([step, upstream]) => [step, {
      spec: {
        source: { module: 'pipelines', attribute: step, type: 'user' },
        upstream_steps: upstream,
        inputs: Object.fromEntries(upstream.map((one, index) => [`input_${index}`, { step_name: one, output_name: 'result' }])),
        invocation_id: step,
        parameter_spec: { type: 'object', properties: part('schema') },
      },
      config: config(step),
      step_config_overrides: config(step),
    }])
    const made = await this.rest.send<Created>('POST', '/pipeline_snapshots', {
      project: this.project,
      pipeline: pipeline.id,
      stack: this.stack,
      name,
      run_name_template: `${pipelineName}-{date}-{time}`,
      pipeline_configuration: { name: pipelineName },
      step_configurations: Object.fromEntries(configurations),
      client_environment: {},
      client_version: '0.98.0',
      server_version: '0.98.0',
    })
    return made.id
  }

  /** A run of a snapshot as an orchestrator reports it, with some of its steps done. */
  async run(snapshot: string, name: string, finished: string[] = []): Promise<string> {
    const now = new Date().toISOString().replace('Z', '')
    const [run] = await this.rest.send<[Created, boolean]>('POST', '/runs', {
      project: this.project, snapshot, name, status: 'running', orchestrator_run_id: crypto.randomUUID(), start_time: now,
    })
    for (const step of finished) {
      const made = await this.rest.send<Created>('POST', '/steps', {
        project: this.project, pipeline_run_id: run.id, name: step, status: 'running', start_time: now,
      })
      await this.rest.send('PUT', `/steps/${made.id}`, { status: 'completed', end_time: now })
    }
    return run.id
  }

  /** Runs that ended in these ways, as if they had been launched from a snapshot. */
  async launchedRuns(source: string, name: string, statuses: string[]): Promise<void> {
    const snapshot = await this.rest.send<Created & { body: { pipeline_id: string } }>('GET', `/pipeline_snapshots/${source}`)
    for (const [index, status] of statuses.entries()) {
      const derived = await this.rest.send<Created>('POST', '/pipeline_snapshots', {
        project: this.project,
        pipeline: snapshot.body.pipeline_id,
        stack: this.stack,
        source_snapshot: source,
        run_name_template: name,
        pipeline_configuration: { name },
        step_configurations: {},
        client_environment: {},
        client_version: '0.98.0',
        server_version: '0.98.0',
      })
      const run = await this.run(derived.id, `${name}-${index + 1}`)
      await this.rest.send('PUT', `/runs/${run}`, { status, end_time: new Date(Date.now() + 60_000).toISOString().replace('Z', '') })
    }
  }

  /** Many runs of one snapshot, some failed. */
  async runs(snapshot: string, count: number, name: string): Promise<void> {
    for (let index = 0; index < count; index++) {
      const run = await this.run(snapshot, `${name}-${index + 1}`)
      if (index % 7 === 3) await this.rest.send('PUT', `/runs/${run}`, { status: 'failed', status_reason: 'The data was late.' })
    }
  }
}
