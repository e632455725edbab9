package io.conshelf.server.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.Engine;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.command.CommandResult;
import io.conshelf.kql.command.CommandArgument;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher;
import io.conshelf.kql.value.DateTimeText;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Queued ingestion by commands: blobs are listed and queued, and what became of them is told.
final class QueuedCommands {
    private static final ObjectMapper JSON = new ObjectMapper();
    // As the service has it: what an ingestion takes is not bounded by it.
    private static final int LISTED_MAX = 1_000;
    /// All of one ingestion are in memory, and queued before it answers.
    private static final int QUEUED_MAX = 100_000;
    private static final Set<String> OPTIONS = Set.of("enabletracking", "skipbatching", "compressionfactor");
    private static final Set<String> TEMPORARY_OPTIONS = Set.of("cors");
    private static final Pattern LITERAL = Pattern.compile("\\G[\\s,]*[hH]?@?(?:\"([^\"]*)\"|'([^']*)')");
    private static final Pattern COMPRESSED = Pattern.compile("(?i).*\\.(gz|zip)");

    private final Engine engine;
    private final QueuedOperations operations;

    QueuedCommands(Engine engine, QueuedOperations operations) {
        this.engine = engine;
        this.operations = operations;
    }

    /// `.create tempstorage` takes no property that would be acted on: rules for browsers change nothing, as pages never reach the storage.
    void checkTemporary(CommandMatch match) {
        unknown(match, TEMPORARY_OPTIONS);
    }

    private static void unknown(CommandMatch match, Set<String> known) {
        match.properties().keySet().stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw refused("the property '" + name + "' of " + match.command().name() + " is not known; known are " + known);
        });
    }

    // ---- listing

    /// @param createdOn from its path, where a format says how
    private record Listed(StorageUri uri, long sizeBytes, Optional<Long> createdOn) {}

    CommandResult listed(CommandMatch match) {
        var rows = CommandResult.of(match.command());
        for (var blob : list(match, LISTED_MAX)) {
            var captured = JSON.createObjectNode();
            blob.createdOn().ifPresent(ticks -> captured.put("CreationTime", DateTimeText.format(ticks)));
            rows.row(blob.uri().toString(), blob.sizeBytes(), captured.toString());
        }
        return rows.done();
    }

    private List<Listed> list(CommandMatch match, int most) {
        long max = Math.min(most, match.find("MaxFiles").map(a -> number("MaxFiles", a.text())).orElse(Long.MAX_VALUE));
        var prefix = match.find("Prefix").map(CommandArgument::text).orElse("");
        var suffix = match.find("Suffix").map(CommandArgument::text).orElse("");
        var format = match.find("PathFormat").map(a -> CreationTimePath.parse(a.text()));
        var found = new ArrayList<Listed>();
        for (var place : match.texts("Path")) {
            engine.externalStorage().list(StorageUri.parse(place), item -> {
                if (item.path().startsWith(prefix) && item.path().endsWith(suffix) && found.size() < max) {
                    found.add(new Listed(item.uri(), item.sizeBytes(), format.flatMap(f -> f.ticks(item.path()))));
                }
                return found.size() < max;
            });
        }
        return found;
    }

    private static long number(String name, String text) {
        if (!text.matches("\\d{1,18}")) {
            throw refused("'" + name + "' is a number of files, found '" + text + "'");
        }
        return Long.parseLong(text);
    }

    // ---- queueing

    CommandResult ingest(CommandMatch match, Request request, URI base) {
        var table = match.text("TableName");
        int separator = table.indexOf(CommandMatcher.PATH_SEPARATOR);
        var database = match.find("DatabaseName").map(CommandArgument::text)
                .orElseGet(() -> separator < 0 ? request.database() : table.substring(0, separator));
        var name = table.substring(separator + 1);
        engine.requireIngestor(request.principal(), database, name);
        boolean isTracked = isTrue(match, "enabletracking");
        double factor = factor(match);
        var blobs = new ArrayList<JsonNode>();
        for (var source : sources(match)) {
            blobs.add(blob(source, factor));
        }
        if (blobs.isEmpty()) {
            throw refused(match.command().name() + ": there is no blob to ingest");
        }
        var properties = properties(match);
        properties.put("skipBatching", isTrue(match, "skipbatching"));
        var operation = operations.enqueue(request.principal(), base, database, name, blobs, properties, isTracked);
        return CommandResult.of(match.command())
                .row(
                        operation, request.clientRequestId(),
                        isTracked ? ".show queued ingestion operations \"" + operation + "\"" : "The operation is not tracked")
                .done();
    }

    private List<Listed> sources(CommandMatch match) {
        var text = match.text("Source").strip();
        if (CommandMatcher.isCommand(text)) {
            if (CommandMatcher.match(text, CommandCatalogue.service()) instanceof CommandMatcher.Outcome.Found(CommandMatch source)
                    && source.command().name().equals("ListBlobs")) {
                var blobs = list(source, QUEUED_MAX + 1);
                if (blobs.size() > QUEUED_MAX) {
                    throw refused(match.command().name() + ": '.list blobs' gives more than " + QUEUED_MAX
                            + " blobs: narrow it by Prefix or Suffix, or say MaxFiles");
                }
                return blobs;
            }
            throw refused(match.command().name() + ": after '<|' stand blobs or '.list blobs (…)'");
        }
        var sources = new ArrayList<Listed>();
        var literals = LITERAL.matcher(text);
        int end = 0;
        while (literals.find()) {
            var uri = Optional.ofNullable(literals.group(1)).orElseGet(() -> literals.group(2));
            sources.add(new Listed(StorageUri.parse(uri), 0, Optional.empty()));
            end = literals.end();
        }
        if (!text.substring(end).isBlank()) {
            throw refused(match.command().name() + ": after '<|' stand blobs as strings, or '.list blobs (…)'");
        }
        return sources;
    }

    private static JsonNode blob(Listed source, double factor) {
        var blob = JSON.createObjectNode();
        blob.put("url", switch (source.uri().access()) {
            case StorageUri.Access.Signature(String query) -> source.uri() + "?" + query;
            case StorageUri.Access.None _ -> source.uri().toString();
            case StorageUri.Access.Key _ -> throw refused("'" + source.uri()
                    + "' is opened by the account's key, which is kept out of queues; name it with a shared access signature");
            case StorageUri.Access.Identity(String name) -> throw refused("not supported: '" + name + "' behind '" + source.uri()
                    + "'; name it with a shared access signature");
        });
        if (source.sizeBytes() > 0) {
            boolean isCompressed = COMPRESSED.matcher(source.uri().fileName()).matches();
            blob.put("rawSize", isCompressed ? (long) (source.sizeBytes() * factor) : source.sizeBytes());
        }
        source.createdOn().ifPresent(ticks -> blob.put("creationTime", DateTimeText.format(ticks)));
        return blob;
    }

    private static double factor(CommandMatch match) {
        var argument = match.properties().get("compressionfactor");
        if (argument == null) {
            return 10;
        }
        try {
            double factor = Double.parseDouble(argument.text());
            if (factor > 0) {
                return factor;
            }
        } catch (NumberFormatException _) {
            // refused below with what is wrong about it
        }
        throw refused(match.command().name() + ": CompressionFactor is a number above zero, found '" + argument.text() + "'");
    }

    /// What the ingestion of each blob is told; the names are checked when it is ingested.
    private static ObjectNode properties(CommandMatch match) {
        var properties = JSON.createObjectNode();
        match.properties().forEach((name, argument) -> {
            if (!OPTIONS.contains(name)) {
                properties.put(name, argument.text());
            }
        });
        if (!properties.has("format")) {
            throw refused(match.command().name() + ": the property 'format' is missing");
        }
        return properties;
    }

    private static boolean isTrue(CommandMatch match, String name) {
        var text = Optional.ofNullable(match.properties().get(name)).map(a -> a.text().toLowerCase(Locale.ROOT)).orElse("false");
        if (!text.equals("true") && !text.equals("false")) {
            throw refused(match.command().name() + ": " + name + " is true or false, found '" + text + "'");
        }
        return text.equals("true");
    }

    // ---- telling

    CommandResult operations(CommandMatch match, Request request) {
        var rows = CommandResult.of(match.command());
        match.texts("OperationId").forEach(id -> row(rows, id, existing(id, request)));
        return rows.done();
    }

    CommandResult details(CommandMatch match, Request request) {
        var rows = CommandResult.of(match.command());
        var id = match.text("OperationId");
        for (var source : existing(id, request)) {
            rows.row(
                    id, source.path(), status(source), ticks(source.startedOn()),
                    source.status().equals("Pending") ? CommandResult.NULL : ticks(source.updatedOn()), source.details());
        }
        return rows.done();
    }

    CommandResult cancel(CommandMatch match, Request request) {
        var id = match.text("OperationId");
        existing(id, request);
        operations.cancel(id);
        var rows = CommandResult.of(match.command());
        row(rows, id, existing(id, request));
        return rows.done();
    }

    private List<QueuedOperations.Tracked> existing(String id, Request request) {
        var sources = operations.tracked(id);
        if (sources.isEmpty()) {
            throw refused("there is no tracked ingestion operation '" + id + "'");
        }
        engine.requireIngestor(request.principal(), sources.getFirst().database(), sources.getFirst().table());
        return sources;
    }

    private static void row(CommandResult.Rows rows, String id, List<QueuedOperations.Tracked> sources) {
        long pending = count(sources, "Pending");
        long canceled = count(sources, "Canceled");
        long failed = count(sources, "Failed");
        long ingested = sources.size() - pending - canceled - failed;
        var state = pending > 0 ? "InProgress" : canceled > 0 ? "Canceled" : failed == sources.size() ? "Failed" : "Completed";
        rows.row(
                id, ticks(sources.stream().map(QueuedOperations.Tracked::startedOn).min(Comparator.naturalOrder()).orElseThrow()),
                ticks(sources.stream().map(QueuedOperations.Tracked::updatedOn).max(Comparator.naturalOrder()).orElseThrow()),
                state, (long) sources.size(), pending, canceled, ingested, failed,
                sources.stream().filter(s -> s.status().equals("Failed")).map(QueuedOperations.Tracked::details).findFirst().orElse(""),
                sources.getFirst().database(), sources.getFirst().table());
    }

    private static long count(List<QueuedOperations.Tracked> sources, String status) {
        return sources.stream().filter(s -> s.status().equals(status)).count();
    }

    private static String status(QueuedOperations.Tracked source) {
        return switch (source.status()) {
            // Its rows are there already, which is what was wanted.
            case "Succeeded", "Skipped" -> "Ingested";
            default -> source.status();
        };
    }

    private static long ticks(Instant instant) {
        return DateTimeText.parse(instant.toString()).orElseThrow();
    }

    private static KustoException refused(String what) {
        return new KustoException(Errors.badRequest(what));
    }
}
