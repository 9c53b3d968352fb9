import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import httpRouter, { type Method } from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { answerPreflight, corsHeaders, isPreflight } from './cors.ts';
import { MethodNotAllowedError, RouteNotFoundError } from './errors.ts';
import { toProblem } from './problem.ts';
import { type ApiReport, createApiReport } from './report.ts';
import { type ApiRequest, lowerCaseNames, readRequest } from './request.ts';
import type { ApiResponse } from './response.ts';
import { methodsOf, type RoutePath, routeOf } from './route-paths.ts';

/** A route and the function that answers it. */
export interface Route<Dependencies> extends RoutePath {
  readonly run: (request: ApiRequest, dependencies: Dependencies, context: Context) => Promise<ApiResponse>;
}

export interface ServeDependencies {
  /** Origins whose pages may use the API. */
  readonly allowedOrigins: readonly string[];
}

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Creates the handler that answers requests of API Gateway's HTTP API (payload format 2.0).
 * @param routes those that this function answers
 */
export function createApiHandler<Dependencies extends ServeDependencies>(
  routes: readonly Route<Dependencies>[],
  dependencies: Dependencies,
  logger: Logger,
  metrics: Metrics,
): Handler {
  const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .use(answerProblems(createApiReport(logger, metrics)))
    .handler(routeOrPreflight(toRouter(routes, dependencies), dependencies));
  return async (event, context) => {
    const answer = await handler(event, context);
    const { origin } = lowerCaseNames(event.headers);
    return { ...answer, headers: { ...answer.headers, ...corsHeaders(origin, dependencies.allowedOrigins) } };
  };
}

/** Answers preflights for every path, and all else by the routes. */
function routeOrPreflight(router: Handler, { allowedOrigins }: ServeDependencies): Handler {
  return async (event, context) => {
    const request = { method: event.requestContext.http.method, headers: lowerCaseNames(event.headers) };
    if (isPreflight(request)) return answerPreflight(request, allowedOrigins);
    return router(event, context);
  };
}

/** Makes the router: every route, HEAD beside GET, and the errors for unknown paths and methods. */
function toRouter<Dependencies>(routes: readonly Route<Dependencies>[], dependencies: Dependencies): Handler {
  return httpRouter({
    routes: routes.flatMap((route) =>
      methodsFor(route).map((method) => ({
        method,
        path: route.path,
        handler: (event: APIGatewayProxyEventV2, context: Context) =>
          route.run(readRequest(event), dependencies, context),
      })),
    ),
    notFoundResponse({ method, path }) {
      const allowed = methodsOf(path);
      throw allowed.length > 0 ? new MethodNotAllowedError(method, path, allowed) : new RouteNotFoundError(path);
    },
  });
}

/** Answers every error with a problem, and reports every request. */
function answerProblems(
  report: ApiReport,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context> {
  let start = 0;
  const tell = (
    { requestContext: { requestId, http }, rawPath }: APIGatewayProxyEventV2,
    { statusCode = 200 }: APIGatewayProxyStructuredResultV2,
    error?: unknown,
  ) => {
    const ms = performance.now() - start;
    report({ method: http.method, route: routeOf(rawPath), status: statusCode, requestId, ms }, error);
  };
  return {
    before() {
      // A function instance has one event at a time.
      start = performance.now();
    },
    after({ event, response }) {
      tell(event, response ?? {});
    },
    onError(failed) {
      const { rawPath, requestContext } = failed.event;
      failed.response = toProblem(failed.error, { path: rawPath, requestId: requestContext.requestId });
      tell(failed.event, failed.response, failed.error);
    },
  };
}

function methodsFor({ method }: RoutePath): Method[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}
