package io.conshelf.server;

import io.conshelf.engine.Answer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.Request;
import io.conshelf.kql.command.CommandMatcher;
import io.conshelf.server.ingest.DataManagement;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Answers queries and management commands.
final class Queries {
    private final Engine engine;
    private final DataManagement management;
    private final QueryBody.Reader reader;
    private final ServerLimits limits;
    private final Metrics metrics;
    private final Clients clients;
    private final AuditTrail audit;

    Queries(Engine engine, DataManagement management, ServerLimits limits, Metrics metrics, Clients clients, AuditTrail audit) {
        this.audit = audit;
        this.clients = clients;
        this.engine = engine;
        this.management = management;
        this.reader = new QueryBody.Reader(limits);
        this.limits = limits;
        this.metrics = metrics;
    }

    void query(int version, Call call, ServerRequest http, Reply reply) throws IOException {
        boolean isGet = !http.prologue().method().text().equals("POST");
        QueryBody body = isGet ? queryString(http) : body(http);
        if (CommandMatcher.isCommand(body.text())) {
            throw Refusals.commandAtQueryEndpoint("v" + version);
        }
        // A wrong option of the request is told before anything runs.
        V2Frames.Dialect.of(body.options());
        Request request = request(call, body, isGet, engine.limits().queryTimeout());
        Call named = call.withClientRequestId(request.clientRequestId());
        clients.hasTime(http.serverSocketId() + http.socketId(), time(request));
        try (var _ = clients.watch(http.serverSocketId() + http.socketId(), () -> engine.abandon(request.activityId()));
                FirstRows rows = FirstRows.of(engine.query(request, body.text()))) {
            var options = new HashMap<>(body.options());
            options.putAll(rows.answer().settings());
            var dialect = V2Frames.Dialect.of(options);
            reply.stream(out -> {
                if (version == 2) {
                    new V2Frames(out, named, dialect).write(rows);
                } else {
                    new V1Document(out, named).query(rows, dialect);
                }
            });
            metrics.resultRows(rows.answer().usage().rows());
        }
    }

    void command(Call call, ServerRequest http, Reply reply) throws IOException {
        QueryBody body = body(http);
        if (!CommandMatcher.isCommand(body.text())) {
            throw Refusals.queryAtCommandEndpoint();
        }
        Request request = request(call, body, false, engine.limits().commandTimeout());
        Call named = call.withClientRequestId(request.clientRequestId());
        clients.hasTime(http.serverSocketId() + http.socketId(), time(request));
        try (FirstRows rows = FirstRows.of(answer(named, request, body.text()))) {
            reply.stream(out -> new V1Document(out, named).command(rows));
            metrics.resultRows(rows.answer().usage().rows());
        }
    }

    private Answer answer(Call call, Request request, String text) {
        return audit.command(call, request.database(), text, () -> {
            engine.requireRun(request);
            return management.command(request, URI.create(call.origin()), text).orElseGet(() -> engine.command(request, text));
        });
    }

    /// What a request may take, with its wait for a slot.
    private Duration time(Request request) {
        Duration most = engine.limits().timeoutMax();
        return engine.limits().queryQueueWait().plus(request.timeout().compareTo(most) > 0 ? most : request.timeout());
    }

    /// What queries call could change something.
    private static Map<String, Object> withoutCalls(Map<String, Object> options) {
        Map<String, Object> hard = new HashMap<>(options);
        hard.put("request_readonly_hardline", true);
        return hard;
    }

    private QueryBody body(ServerRequest http) throws IOException {
        try (var in = IncomingBody.open(http, "The request body", limits.requestBytesMax())) {
            return reader.body(in);
        }
    }

    private QueryBody queryString(ServerRequest http) {
        var query = http.query();
        return reader.queryString(
                query.first("db").asOptional(), query.first("csl").asOptional(), query.first("properties").asOptional());
    }

    private Request request(Call call, QueryBody body, boolean isGet, Duration timeoutDefault) {
        var options = body.options();
        // Before anything acts on one: who asks for less than everything must not be given it for a slip.
        engine.checkOptions(options);
        boolean isReadOnly = isGet
                || call.readOnly()
                || Request.isOn(options, "request_readonly")
                || Request.isOn(options, "request_readonly_hardline");
        boolean isUnnamed = call.clientRequestId().startsWith("unspecified;");
        return new Request(
                call.principal(),
                body.database(),
                isUnnamed ? body.clientRequestId().orElse(call.clientRequestId()) : call.clientRequestId(),
                call.activityId(),
                call.isOnlyToRead() ? withoutCalls(options) : options,
                body.parameters(),
                Options.text(options, "request_app_name").or(body::application).or(call::application).orElse(""),
                Options.text(options, "request_user").or(body::user).or(call::user).orElse(""),
                call.startedAt(),
                Options.timeout(options, engine.limits(), timeoutDefault),
                isReadOnly);
    }
}
