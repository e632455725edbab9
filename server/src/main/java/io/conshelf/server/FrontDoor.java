package io.conshelf.server;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.ServiceError;
import io.conshelf.server.identity.Audience;
import io.conshelf.server.service.HostedService;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/// Every request comes through here: it gets its ids and its principal, is sent to what answers it, and whatever goes
/// wrong becomes the service's error.
final class FrontDoor implements Handler {
    /// Whoever has not been identified has no role, so that what forgets to ask is refused.
    private static final Principal NOBODY = new Principal("aaduser=nobody@localhost;local", "Nobody", false);

    /// What proxies add.
    private static final List<HeaderName> PROXIED = List.of(HeaderNames.X_FORWARDED_FOR, HeaderNames.X_FORWARDED_HOST,
            HeaderNames.X_FORWARDED_PROTO, HeaderNames.FORWARDED, HeaderNames.create("X-Real-IP"), HeaderNames.create("Via"));

    private final Authenticator authenticator;
    private final Origins origins;
    private final ExplorerPages explorer;
    private final AuditTrail audit;
    private final Metrics metrics;
    private final Queries queries;
    private final StreamingIngest streaming;
    private final QueuedRest queued;
    private final BackupRest backup;
    private final HostedRest hosted;
    private final BooleanSupplier readiness;
    private final InstantSource clock;
    private final Semaphore requests;
    private final PrincipalLimits principals;
    private final StrangerLimits strangers;

    FrontDoor(
            Authenticator authenticator,
            Origins origins,
            ExplorerPages explorer,
            AuditTrail audit,
            ServerLimits limits,
            StrangerLimits strangers,
            Metrics metrics,
            Queries queries,
            StreamingIngest streaming,
            QueuedRest queued,
            BackupRest backup,
            HostedRest hosted,
            BooleanSupplier readiness,
            InstantSource clock) {
        this.authenticator = authenticator;
        this.origins = origins;
        this.explorer = explorer;
        this.audit = audit;
        this.metrics = metrics;
        this.queries = queries;
        this.streaming = streaming;
        this.queued = queued;
        this.backup = backup;
        this.hosted = hosted;
        this.readiness = readiness;
        this.clock = clock;
        this.requests = new Semaphore(limits.concurrentRequests());
        this.principals = new PrincipalLimits(limits.concurrentRequestsOfPrincipal(), limits.requestsPerMinuteOfPrincipal(), System::nanoTime);
        this.strangers = strangers;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        long startedNanos = System.nanoTime();
        Call call = stranger(request);
        var body = UnreadBody.of(request);
        String routeName = "none";
        try {
            String method = request.prologue().method().text();
            String path = request.path().rawPath();
            Optional<String> page = explorer.asking(request);
            call = admitted(call, request, response, page);
            page.ifPresent(origin -> ExplorerPages.admit(origin, response));
            Route route = Route.of(path).or(() -> hosted.route(path)).orElseThrow(() -> Refusals.notFound(method, path));
            routeName = route.metricName();
            if (Origins.isForAnotherPage(request) && !isVisited(route)) {
                throw Refusals.foreignOrigin("another origin");
            }
            if (page.isPresent() && !ExplorerPages.mayAsk(route)) {
                throw Refusals.foreignOrigin(page.get());
            }
            if (page.isPresent() && ExplorerPages.isQuestion(request)) {
                ExplorerPages.answer(request, response);
                new Reply(response, call).text(200, "");
                return;
            }
            if (!route.answers(method)) {
                response.header("Allow", route.methods());
                throw Refusals.wrongMethod(method, path, route.methods());
            }
            call = identified(route, call, request, response);
            if (isChange(route, request)) {
                change(route, call, request, response);
            } else {
                answer(route, call, request, new Reply(response, call));
            }
        } catch (IOException | UncheckedIOException | CloseConnectionException e) {
            if (!Failures.isOurs(e)) {
                // Nobody is left to be told.
                throw new CloseConnectionException("The client went away", e);
            }
            refuse(Failures.of(e, call), call, body, request, response);
        } catch (Exception | Error e) {
            refuse(Failures.of(e, call), call, body, request, response);
        } finally {
            metrics.request(
                    routeName, response.status().code(), Duration.ofNanos(System.nanoTime() - startedNanos));
        }
    }

    /// Whatever comes of it is written down before it is answered.
    private void change(Route route, Call call, ServerRequest request, ServerResponse response) throws IOException {
        var isTold = new AtomicBoolean();
        try {
            answer(route, call, request, new Reply(response, call, status -> {
                isTold.set(true);
                audit.change(call, what(request), status);
            }));
        } catch (KustoException e) {
            audit.change(call, what(request), e.error().httpStatus());
            throw e;
        } catch (RuntimeException | IOException | Error e) {
            // Where the answer was on its way the change was made, whoever received it.
            if (!isTold.get()) {
                audit.change(call, what(request), 500);
            }
            throw e;
        }
    }

    private void answer(Route route, Call call, ServerRequest request, Reply reply) throws IOException {
        switch (route) {
            case Route.Home _ -> {
                reply.header("Content-Security-Policy", HomePage.POLICY);
                reply.send(200, "text/html; charset=utf-8", HomePage.HTML);
            }
            case Route.Live _ -> reply.text(200, "ok\n");
            case Route.Ready _ -> {
                boolean isReady = readiness.getAsBoolean();
                reply.text(isReady ? 200 : 503, isReady ? "ok\n" : "queued ingestion is not working; see the server's log\n");
            }
            case Route.Metrics _ -> reply.send(200, "text/plain; version=0.0.4; charset=utf-8", metrics.prometheusText());
            case Route.Ping _ -> reply.json(200, "\"Pong\"");
            case Route.AuthMetadata _ -> reply.json(200, authenticator.metadata(call.origin()));
            case Route.Query(int version) -> bounded(call, reply, () -> queries.query(version, call, request, reply));
            case Route.Command _ -> bounded(call, reply, () -> queries.command(call, request, reply));
            case Route.StreamingIngest(String database, String table) ->
                bounded(call, reply, () -> streaming.ingest(database, table, call, request, reply));
            case Route.IngestionConfiguration _ -> bounded(call, reply, () -> queued.configuration(call, reply));
            case Route.QueuedIngest(String database, String table) ->
                bounded(call, reply, () -> queued.submit(database, table, call, request, reply));
            case Route.QueuedStatus(String database, String table, String operation) ->
                bounded(call, reply, () -> queued.status(database, table, operation, call, request, reply));
            case Route.Backup _ -> bounded(call, reply, () -> backup.write(call, request, reply));
            case Route.Users users -> bounded(call, reply, () -> authenticator.answer(users, call, request, reply));
            case Route.Applications applications -> bounded(call, reply, () -> authenticator.answer(applications, call, request, reply));
            case Route.Identity signingIn -> {
                strangers.ask(call.from(), reply::retryAfter);
                authenticator.answer(signingIn, call, request, reply);
            }
            case Route.Hosted(HostedService service) -> bounded(call, reply, () -> hosted.answer(service, call, request, reply));
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private void bounded(Call call, Reply reply, Work work) throws IOException {
        principals.enter(call.principal(), reply::retryAfter);
        try {
            if (!requests.tryAcquire()) {
                throw Refusals.tooManyConnections();
            }
            try {
                work.run();
            } finally {
                requests.release();
            }
        } finally {
            principals.leave(call.principal());
        }
    }

    /// What people come to from anywhere.
    private static boolean isVisited(Route route) {
        return route instanceof Route.Home || route instanceof Route.Authorize || route instanceof Route.DevicePage;
    }

    /// What is neither a query nor a command: those are told of where their text is known.
    private static boolean isChange(Route route, ServerRequest request) {
        boolean isRead = request.prologue().method().text().equals("GET");
        return switch (route) {
            case Route.Users _, Route.Applications _, Route.Backup _ -> !isRead;
            // Who has read a secret is told too.
            case Route.Hosted(HostedService service) -> (!isRead || service.audience() == Audience.VAULT) && !service.isOpen(request.path().rawPath());
            case Route.Query _, Route.Command _, Route.StreamingIngest _, Route.QueuedIngest _, Route.QueuedStatus _, Route.IngestionConfiguration _,
                    Route.Identity _, Route.AuthMetadata _, Route.Ping _, Route.Ready _, Route.Live _, Route.Metrics _, Route.Home _ -> false;
        };
    }

    // Without the query, where secrets are.
    private static String what(ServerRequest request) {
        return request.prologue().method().text() + " " + request.path().rawPath();
    }

    private void refuse(ServiceError error, Call call, UnreadBody body, ServerRequest request, ServerResponse response) {
        if (response.isSent()) {
            // The status is gone already; a broken connection is the only honest end of the body.
            throw new CloseConnectionException("The answer failed after its beginning: " + error.code());
        }
        response.headers().remove(HeaderNames.CONTENT_ENCODING);
        audit.refused(call, call.principal() != NOBODY, what(request), error);
        if (error.httpStatus() == 401) {
            response.header("WWW-Authenticate", authenticator.challenge(call.origin(), hosted.audience(request.path().rawPath())));
        }
        try {
            if (!body.isReadToItsEnd()) {
                response.headers().set(HeaderNames.CONNECTION, "close");
            }
            new Reply(response, call).error(error, Optional.empty());
        } catch (IOException | RuntimeException e) {
            throw new CloseConnectionException("The client went away", e);
        }
    }

    /// What is known before anything was checked, so that even the first refusal carries ids.
    private Call stranger(ServerRequest request) {
        UUID activity = UUID.randomUUID();
        var headers = request.headers();
        return new Call(
                NOBODY,
                headers.value(Headers.CLIENT_REQUEST_ID).filter(id -> !id.isBlank()).orElse("unspecified;" + activity),
                activity,
                clock.instant(),
                headers.value(Headers.APPLICATION),
                headers.value(Headers.USER),
                headers.value(Headers.READ_ONLY).filter(value -> !value.equalsIgnoreCase("false")).isPresent(),
                !acceptsGzip(headers.value(HeaderNames.ACCEPT_ENCODING)) ? Call.Packing.NONE
                        : isOnThisMachine(request) ? Call.Packing.STORED : Call.Packing.COMPRESSED,
                "",
                request.remotePeer().address() instanceof InetSocketAddress peer && peer.getAddress() != null ? peer.getAddress().getHostAddress() : "",
                false,
                false);
    }

    private Call admitted(Call call, ServerRequest request, ServerResponse response, Optional<String> explorerPage) {
        try {
            return admitted(call, request, explorerPage);
        } catch (KustoException e) {
            strangers.ask(call.from(), new Reply(response, call)::retryAfter);
            throw e;
        }
    }

    private Call admitted(Call call, ServerRequest request, Optional<String> explorerPage) {
        String authority = request.authority();
        Call admitted = call.admittedAt(origins.checked(request.isSecure() ? "https" : "http", authority), Origins.isIngestion(authority));
        if (explorerPage.isEmpty()) {
            origins.checkPage(request.headers().value(HeaderNames.ORIGIN), request.isSecure(), authority);
            return admitted;
        }
        return explorer.mayOnlyRead() ? admitted.readingOnly() : admitted;
    }

    private Call identified(Route route, Call call, ServerRequest request, ServerResponse response) {
        try {
            return identified(route, call, request);
        } catch (KustoException e) {
            if (e.error().httpStatus() == 401) {
                strangers.ask(call.from(), new Reply(response, call)::retryAfter);
            }
            throw e;
        }
    }

    private Call identified(Route route, Call call, ServerRequest request) {
        return switch (route) {
            case Route.AuthMetadata _, Route.Ping _, Route.Home _, Route.Ready _, Route.Live _, Route.Token _,
                    Route.OpenId _, Route.TokenKeys _, Route.Instances _, Route.ManagedIdentity _, Route.MetadataService _,
                    Route.Authorize _, Route.DeviceCode _, Route.DevicePage _ ->
                call;
            case Route.Metrics _ when isOnThisMachine(request) -> call;
            case Route.Metrics _, Route.Query _, Route.Command _, Route.StreamingIngest _, Route.IngestionConfiguration _,
                    Route.QueuedIngest _, Route.QueuedStatus _, Route.Backup _, Route.Applications _, Route.Users _ ->
                identified(call, request, Audience.KUSTO);
            case Route.Hosted(HostedService service) when service.isOpen(request.path().rawPath()) -> call;
            case Route.Hosted(HostedService service) -> identified(call, request, service.audience());
        };
    }

    private Call identified(Call call, ServerRequest request, Audience audience) {
        return call.of(authenticator.principal(
                request.headers().value(HeaderNames.AUTHORIZATION), audience, Origins.name(request.authority())));
    }

    /// Whether the client itself runs here, as far as can be told. A proxy may run here too, but says for whom it asks.
    private static boolean isOnThisMachine(ServerRequest request) {
        return Origins.isFromHere(request) && PROXIED.stream().noneMatch(request.headers()::contains);
    }

    private static boolean acceptsGzip(Optional<String> acceptEncoding) {
        if (acceptEncoding.isEmpty()) {
            return false;
        }
        for (String coding : acceptEncoding.get().toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = coding.strip().split(";");
            if (parts[0].strip().equals("gzip")) {
                return parts.length == 1 || !parts[1].replace(" ", "").matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}
