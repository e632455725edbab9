package io.conshelf.server.ingest;

import io.conshelf.engine.Answer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.command.CommandAnswer;
import io.conshelf.engine.command.CommandResult;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher;
import io.conshelf.kql.command.CommandSyntax;
import io.conshelf.server.storage.Storage;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The data-management half of a cluster: its commands, and queued ingestion behind them.
public final class DataManagement implements AutoCloseable {
    /// What the texts of its commands have in them.
    private static final List<List<String>> WORDS = List.of(
            List.of("ingestion", "resources"), List.of("identity", "token"), List.of("ingestionbatchingpolicy"), List.of("version"),
            List.of("queued"), List.of("list", "blobs"), List.of("tempstorage"), List.of("export", "containers"));

    private final Engine engine;
    private final Resources resources;
    private final IdentityTokens tokens;
    private final QueuedIngestion queued;
    private final QueuedOperations operations;
    private final QueuedCommands commands;

    private DataManagement(
            Engine engine, Resources resources, IdentityTokens tokens, QueuedIngestion queued, QueuedOperations operations,
            QueuedCommands commands) {
        this.engine = engine;
        this.resources = resources;
        this.tokens = tokens;
        this.queued = queued;
        this.operations = operations;
        this.commands = commands;
    }

    /// @param tokenLifetime   of identity tokens
    /// @param uriLifetime     of the storage URIs that clients get
    /// @param attemptsMax     of one batch before it is given up
    /// @param deliveriesMax   of one message before it is given up
    /// @param messageBytesMax of one message of the ready queue
    public record Options(Duration tokenLifetime, Duration uriLifetime, int attemptsMax, int deliveriesMax, int messageBytesMax) {}

    /// Starts taking messages.
    ///
    /// @param storage of this server, whose blobs are found without being asked for
    /// @param lent    to clients: the same storage or an account elsewhere
    /// @param members for whom what they were given holds
    public static DataManagement start(
            Engine engine, Storage storage, LentStorage lent, byte[] secret, Options options, IngestionListener listener, Membership members,
            InstantSource clock) {
        storage.lendOnlyTo(borrower -> Resources.accountOf(borrower).map(members::hasAccount).orElse(true));
        var resources = new Resources(storage, lent, options.uriLifetime(), clock);
        var tokens = new IdentityTokens(secret, options.tokenLifetime(), members, clock);
        var operations = new QueuedOperations(engine, storage, lent, resources, tokens, clock);
        var queued = new QueuedIngestion(engine, storage, lent, tokens, options, listener, clock, operations::isCanceled);
        queued.start();
        return new DataManagement(
                engine, resources, tokens, queued, operations, new QueuedCommands(engine, operations));
    }

    /// Answers the command if it is one of data management's. Whoever holds any role may ask for resources; what a message then
    /// does is checked against the principal of its token.
    ///
    /// @param base scheme, host and port under which the client came in
    public Optional<Answer> command(Request request, URI base, String text) {
        if (!mayBeOurs(text)
                || !(CommandMatcher.match(text, CommandCatalogue.service()) instanceof CommandMatcher.Outcome.Found(CommandMatch match))
                || !isOurs(match, base)) {
            return Optional.empty();
        }
        var notation = match.command().notation();
        if (request.isReadOnly() && List.of(".show", ".get", ".list").stream().noneMatch(notation::startsWith)) {
            throw new KustoException(Errors.readOnly(match.command().name()));
        }
        // What is lent can be written to.
        if (request.isOn("request_readonly_hardline")
                && (!notation.startsWith(".show") || match.command().name().equals("ShowExportContainers"))) {
            throw new KustoException(Errors.readOnly(match.command().name()));
        }
        checkRole(match, request);
        var result = result(match, request, base);
        return Optional.of(match.pipe().isPresent()
                ? engine.pipe(request, text, match.pipe().getAsInt(), result)
                : new CommandAnswer(result));
    }

    // Both halves tell their version; which one is asked, the host tells.
    private static boolean isOurs(CommandMatch match, URI base) {
        return match.command().answerer() == CommandSyntax.Answerer.DATA_MANAGEMENT && match.command().refusal().isEmpty()
                || match.command().name().equals("ShowVersion") && base.getAuthority().startsWith("ingest-");
    }

    // Matching looks at every command there is; most texts need not go through that twice.
    private static boolean mayBeOurs(String text) {
        String start = text.substring(0, Math.min(text.length(), 2_000)).toLowerCase(Locale.ROOT);
        return WORDS.stream().anyMatch(words -> words.stream().allMatch(start::contains));
    }

    /// Storage is lent to those who hold a role; commands about tables check their own.
    private void checkRole(CommandMatch match, Request request) {
        switch (match.command().name()) {
            case "GetKustoIdentityToken", "ShowVersion" -> {
                // Anyone who came in may ask.
            }
            case "IngestFromStorageQueued", "ShowQueuedIngestionOperations", "ShowQueuedIngestionOperationDetails", "CancelQueuedIngestionOperation" -> {
                // They look at what their table grants.
            }
            case "RefreshIngestionBatchingCache" -> engine.requireIngestor(
                    request.principal(), match.find("DatabaseName").orElseThrow().text(), match.find("TableName").orElseThrow().text());
            default -> engine.requireAnyRole(request.principal(), "the cluster's storage");
        }
    }

    private CommandResult result(CommandMatch match, Request request, URI base) {
        return switch (match.command().name()) {
            case "GetKustoIdentityToken" ->
                CommandResult.of(match.command()).row(tokens.issue(request.principal())).done();
            case "CreateTempStorage" -> {
                commands.checkTemporary(match);
                yield CommandResult.of(match.command()).row(resources.stagingContainer(base, request.principal()).toString()).done();
            }
            case "ShowExportContainers" ->
                CommandResult.of(match.command()).row(resources.exportContainer(base, request.principal()).toString()).done();
            case "ListBlobs" -> commands.listed(match);
            case "IngestFromStorageQueued" -> commands.ingest(match, request, base);
            case "ShowQueuedIngestionOperations" -> commands.operations(match, request);
            case "ShowQueuedIngestionOperationDetails" -> commands.details(match, request);
            case "CancelQueuedIngestionOperation" -> commands.cancel(match, request);
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
                for (Resources.Offered offered : resources.offered(base, request.principal())) {
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
