package io.conshelf.server.storage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.server.page.ContentPolicy;
import io.helidon.common.uri.UriPath;
import io.helidon.http.HeaderNames;
import io.helidon.http.PathMatcher;
import io.helidon.http.PathMatchers;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The storage endpoints: `/{account}/{resource…}` for the three accounts of [StorageAccount], and `/{resource…}` of a host that says the account
/// ([AccountHosts]). To be registered at the root; other requests pass by. A slash behind the account may come as `%2F`.
/// Paths of accounts of any other name are known by their signature: what carries none passes by.
public final class StorageRoutes implements HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(StorageRoutes.class);
    private static final String DEFAULT_VERSION = "2021-12-02";
    private static final Pattern VERSION = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final Pattern CLIENT_REQUEST_ID = Pattern.compile("[\\x21-\\x7E]{1,1024}");
    private static final JsonFactory JSON = new JsonFactory();
    private static final Duration SHORTLY = Duration.ofSeconds(1);

    private final Denials denials;
    private final Authorizer authorizer;
    private final ClientHosts hosts;
    private final Storage.Accounts accounts;
    private final BlobRequests blobs;
    private final QueueRequests queues;
    private final TableRequests tables;
    private final Places places;

    /// Is told of requests that were refused for who asks.
    public interface Denials {
        /// @param what method and path, without the signature
        /// @param from the client's address
        /// @return when to ask again, where that is all that the client is to be told, as it was refused too often
        Optional<Duration> denied(String what, String from, int status, String code, String reason, String requestId);

        /// What is one client as far as an address tells.
        default String client(String from) {
            return from;
        }
    }

    StorageRoutes(
            Denials denials, int concurrentMax, BlobStore blobs, QueueStore queues, EntityStore tables, Authorizer authorizer, ClientHosts hosts,
            StorageLimits limits, Storage.Accounts accounts) {
        this.denials = denials;
        this.places = new Places(concurrentMax);
        this.authorizer = authorizer;
        this.hosts = hosts;
        this.accounts = accounts;
        this.blobs = new BlobRequests(blobs, authorizer, hosts, limits);
        this.queues = new QueueRequests(queues, limits);
        this.tables = new TableRequests(tables, hosts, limits);
    }

    @Override public void routing(HttpRules rules) {
        rules.route(_ -> true, new AccountPaths(accounts, hosts.accounts()), this::handle);
    }

    /// Matches on the raw path: the router itself doesn't take `%2F` for a slash.
    private record AccountPaths(Storage.Accounts accounts, AccountHosts hosts) implements PathMatcher {
        @Override public PathMatchers.MatchResult match(UriPath path) {
            // Where a host may say the account, every path may be one of its own.
            if (!hosts.names().isEmpty()) {
                return PathMatchers.any().match(path);
            }
            boolean isNamed = accounts != Storage.Accounts.RESERVED && StorageAddress.owner(path.rawPath()).isPresent();
            return isNamed || StorageAddress.account(path.rawPath()).isPresent()
                    ? PathMatchers.any().match(path)
                    : PathMatchers.MatchResult.notAccepted();
        }

        @Override public PathMatchers.PrefixMatchResult prefixMatch(UriPath path) {
            return PathMatchers.PrefixMatchResult.notAccepted();
        }
    }

    /// A page that has talked a browser into another name for this machine does not get in, whatever it knows: a signature that somebody was lent,
    /// or the key of a named account, which may be known to all.
    private void handle(ServerRequest http, ServerResponse response) throws IOException {
        Optional<StorageAccount> account = account(http);
        if (account.isEmpty()) {
            response.next();
            return;
        }
        String requestId = UUID.randomUUID().toString();
        Reply reply = new Reply(response);
        reply.header("Content-Security-Policy", ContentPolicy.STORED).header("Server", "Conshelf-Storage").header("x-ms-request-id", requestId).header("x-ms-version", version(http));
        http.headers().first(HeaderNames.create("x-ms-client-request-id"))
                .filter(id -> CLIENT_REQUEST_ID.matcher(id).matches())
                .ifPresent(id -> reply.header("x-ms-client-request-id", id));
        try {
            requireNoForeignPage(http);
            StorageRequest request = StorageRequest.of(http, hosts);
            Grant grant = authorizer.authorize(request);
            String client = denials.client(StorageRequest.client(http));
            // Nobody holds a place who has no business here.
            if (!places.enter(client)) {
                throw busy(reply, SHORTLY, "Too many requests are being answered at once.");
            }
            try {
                answer(request, grant, reply);
            } finally {
                places.leave(client);
            }
        } catch (StorageException e) {
            if (reply.isSent()) {
                throw e; // half an answer is out: the connection must break, so that the client can tell
            }
            if (e.code().status() >= 500 && e.code() != StorageCode.SERVER_BUSY) {
                LOG.warn("storage request {} failed: {}", requestId, e.getMessage(), e.getCause());
            }
            refuse(http, account.get(), reply, requestId, e);
        } catch (IOException e) {
            if (reply.isSent()) {
                throw e;
            }
            LOG.warn("storage request {} failed", requestId, e);
            refuse(http, account.get(), reply, requestId, StorageException.io("answering", e));
        }
    }

    private void answer(StorageRequest request, Grant grant, Reply reply) throws IOException {
        switch (request.address().account()) {
            case BLOB -> blobs.handle(request, grant, reply);
            case QUEUE -> queues.handle(request, grant, reply);
            case TABLE -> tables.handle(request, grant, reply);
        }
    }

    private static StorageException busy(Reply reply, Duration again, String why) {
        reply.header("Retry-After", Long.toString(again.toSeconds()));
        return new StorageException(StorageCode.SERVER_BUSY, "The server is busy. " + why);
    }

    /// Whose request it is, as far as its host and path tell; empty under a host that is none of ours.
    private Optional<StorageAccount> account(ServerRequest http) {
        String rawPath = http.prologue().uriPath().rawPath();
        Optional<StorageAccount> ofHost = hosts.account(http.authority()).map(AccountHosts.Account::service);
        return ofHost.isPresent() || hosts.base("http", http.authority()).isEmpty() ? ofHost
                : StorageAddress.account(rawPath).or(() -> accounts == Storage.Accounts.RESERVED ? Optional.empty()
                        : StorageAddress.owner(rawPath).filter(owner -> isMeantFor(owner, http)).map(_ -> StorageAccount.BLOB));
    }

    private static boolean isMeantFor(String owner, ServerRequest http) {
        return http.headers().first(HeaderNames.AUTHORIZATION)
                .map(header -> header.startsWith("SharedKey " + owner + ":") || header.startsWith("SharedKeyLite " + owner + ":"))
                .orElse(http.query().contains("sig") && http.query().contains("sv"));
    }

    /// A page that may read a command's answer learns signatures there, which are not for pages.
    private void requireNoForeignPage(ServerRequest http) {
        Optional<String> page = http.headers().first(HeaderNames.ORIGIN);
        if (page.isPresent() && !hosts.pages().have(page.get(), http.isSecure(), http.authority())) {
            throw new StorageException(StorageCode.AUTHORIZATION_FAILURE, "The request comes from a page that this server does not know.");
        }
    }

    private static String version(ServerRequest http) {
        return http.headers().first(HeaderNames.create("x-ms-version"))
                .filter(version -> VERSION.matcher(version).matches())
                .orElse(DEFAULT_VERSION);
    }

    private void refuse(ServerRequest http, StorageAccount account, Reply reply, String requestId, StorageException refused) throws IOException {
        StorageException e = refused;
        if (e.code().status() == 401 || e.code().status() == 403) {
            Optional<Duration> wait = denials.denied(http.prologue().method().text() + " " + http.prologue().uriPath().rawPath(), StorageRequest.client(http),
                    e.code().status(), e.code().code(), e.getMessage(), requestId);
            e = wait.map(again -> busy(reply, again, "Requests of this address were refused too often.")).orElse(refused);
        }
        reply.header("x-ms-error-code", e.code().code());
        String method = http.prologue().method().text();
        if (method.equals("HEAD") || e.code() == StorageCode.NOT_MODIFIED) {
            reply.send(e.code().status());
            return;
        }
        String message = e.getMessage() + "\nRequestId:" + requestId;
        if (account == StorageAccount.TABLE) {
            reply.send(e.code().status(), "application/json", json(e.code(), message));
        } else {
            reply.xml(e.code().status(),
                    new Xml().open("Error").leaf("Code", e.code().code()).leaf("Message", message).close().bytes());
        }
    }

    private static byte[] json(StorageCode code, String message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeObjectFieldStart("odata.error");
            out.writeStringField("code", code.code());
            out.writeObjectFieldStart("message");
            out.writeStringField("lang", "en-US");
            out.writeStringField("value", message);
            out.writeEndObject();
            out.writeEndObject();
            out.writeEndObject();
        }
        return bytes.toByteArray();
    }
}
