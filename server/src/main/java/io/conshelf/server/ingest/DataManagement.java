package io.conshelf.server.ingest;

import io.conshelf.engine.Answer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.Principal;
import io.conshelf.engine.command.CommandAnswer;
import io.conshelf.engine.command.CommandResult;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher;
import io.conshelf.server.storage.Storage;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The data-management half of a cluster: its commands, and queued ingestion behind them.
public final class DataManagement implements AutoCloseable {
    /// The commands that are answered here and not by the engine. Anyone who came in may use them; what a message then
    /// does is checked against the principal of its token.
    private static final Set<String> COMMANDS = Set.of(
            "GetIngestionResources", "ShowIngestionResources", "GetKustoIdentityToken", "RefreshIngestionBatchingCache");

    private final Engine engine;
    private final Resources resources;
    private final IdentityTokens tokens;
    private final QueuedIngestion queued;
    private final QueuedOperations operations;

    private DataManagement(
            Engine engine, Resources resources, IdentityTokens tokens, QueuedIngestion queued, QueuedOperations operations) {
        this.engine = engine;
        this.resources = resources;
        this.tokens = tokens;
        this.queued = queued;
        this.operations = operations;
    }

    /// @param tokenLifetime   of identity tokens
    /// @param uriLifetime     of the storage URIs that clients get
    /// @param attemptsMax     of one batch before it is given up
    /// @param deliveriesMax   of one message before it is given up
    /// @param messageBytesMax of one message of the ready queue
    public record Options(Duration tokenLifetime, Duration uriLifetime, int attemptsMax, int deliveriesMax, int messageBytesMax) {}

    /// Starts taking messages.
    public static DataManagement start(
            Engine engine, Storage storage, byte[] secret, Options options, IngestionListener listener, InstantSource clock) {
        var resources = new Resources(storage, options.uriLifetime(), clock);
        var tokens = new IdentityTokens(secret, options.tokenLifetime(), clock);
        var queued = new QueuedIngestion(engine, storage, tokens, options, listener, clock);
        var operations = new QueuedOperations(engine, storage, resources, tokens, clock);
        queued.start();
        return new DataManagement(engine, resources, tokens, queued, operations);
    }

    /// Answers the command if it is one of data management's.
    ///
    /// @param base scheme, host and port under which the client came in
    public Optional<Answer> command(Principal principal, URI base, String text) {
        if (!mayBeOurs(text)
                || !(CommandMatcher.match(text, CommandCatalogue.service()) instanceof CommandMatcher.Outcome.Found(CommandMatch match))
                || !isOurs(match, base)
                || match.pipe().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new CommandAnswer(result(match, principal, base)));
    }

    // Both halves tell their version; which one is asked, the host tells.
    private static boolean isOurs(CommandMatch match, URI base) {
        return COMMANDS.contains(match.command().name())
                || match.command().name().equals("ShowVersion") && base.getAuthority().startsWith("ingest-");
    }

    // Matching looks at every command there is; most texts need not go through that twice.
    private static boolean mayBeOurs(String text) {
        String start = text.substring(0, Math.min(text.length(), 2_000)).toLowerCase(Locale.ROOT);
        return start.contains("ingestion") && start.contains("resources")
                || start.contains("identity") && start.contains("token")
                || start.contains("ingestionbatchingpolicy")
                || start.contains("version");
    }

    private CommandResult result(CommandMatch match, Principal principal, URI base) {
        return switch (match.command().name()) {
            case "GetKustoIdentityToken" ->
                CommandResult.of(match.command()).row(tokens.issue(principal)).done();
            case "ShowVersion" -> {
                String version = Optional.ofNullable(DataManagement.class.getPackage().getImplementationVersion())
                        .orElse("development");
                yield CommandResult.of(match.command())
                        .row(version, CommandResult.NULL, "DataManagement", "Conshelf " + version)
                        .done();
            }
            case "RefreshIngestionBatchingCache" -> {
                // The policy is read with every source, so there is no cache; the names must be right all the same.
                engine.batchingPolicy(
                        match.find("DatabaseName").orElseThrow().text(), match.find("TableName").orElseThrow().text());
                yield new CommandResult(List.of(), List.of());
            }
            default -> {
                var rows = CommandResult.of(match.command());
                for (Resources.Offered offered : resources.offered(base)) {
                    rows.row(offered.type(), offered.uri().toString());
                }
                yield rows.done();
            }
        };
    }

    /// The REST form of queued ingestion.
    public QueuedOperations operations() {
        return operations;
    }

    /// Sources that were taken from the queue and have not ended.
    public int sourcesInHand() {
        return queued.inHand();
    }

    /// Whether queued ingestion takes messages.
    public boolean isWorking() {
        return queued.isWorking();
    }

    @Override
    public void close() {
        queued.close();
    }
}
