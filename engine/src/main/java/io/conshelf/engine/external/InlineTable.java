package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.FileOptions;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Headers;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.ExternalTable.PathPart;
import io.conshelf.engine.store.ExternalTable.PeriodKind;
import io.conshelf.engine.store.ExternalTable.Rule;
import io.conshelf.kql.bind.Outside;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// An external table that a query declares for itself.
final class InlineTable {
    private InlineTable() {}

    static ExternalTable of(Outside.Folders folders) {
        Format format = Format.named(folders.format());
        var partitions = folders.partitions().stream().map(p -> new Partition(p.name(), p.type(), rule(p))).toList();
        var path = folders.path().stream().map(InlineTable::part).toList();
        var files = new Files(format.name().toLowerCase(Locale.ROOT), folders.places(), partitions, path, options(folders));
        ExternalTables.checkPath(files);
        return new ExternalTable(folders.name(), folders.columns(), files, "", "", List.of());
    }

    private static Rule rule(Outside.Partition partition) {
        if (partition.of().isEmpty()) {
            return new Rule.Virtual();
        }
        var of = partition.of().get();
        return switch (of.function()) {
            case "" -> new Rule.Value(of.column());
            case "hash" -> new Rule.Hash(of.column(), of.number());
            default -> new Rule.Period(of.column(), Arrays.stream(PeriodKind.values())
                    .filter(kind -> kind.kustoName().equalsIgnoreCase(of.function())).findFirst().orElseThrow(), of.number());
        };
    }

    private static PathPart part(Outside.PathPart part) {
        if (part.partition().isEmpty()) {
            return new PathPart.Text(part.text());
        }
        return part.pattern().isEmpty() ? new PathPart.Value(part.partition()) : new PathPart.Moment(part.partition(), part.pattern());
    }

    private static FileOptions options(Outside.Folders folders) {
        String said = folders.properties().getOrDefault("includeHeaders", Headers.NONE.kustoName());
        Headers headers = Arrays.stream(Headers.values()).filter(h -> h.kustoName().equalsIgnoreCase(said)).findFirst()
                .orElseThrow(() -> bad("includeHeaders", said, Arrays.stream(Headers.values()).map(Headers::kustoName).toList()));
        String encoding = folders.properties().getOrDefault("encoding", "UTF8NoBOM");
        if (!encoding.equalsIgnoreCase("UTF8NoBOM") && !encoding.equalsIgnoreCase("UTF8BOM")) {
            throw bad("encoding", encoding, List.of("UTF8NoBOM", "UTF8BOM"));
        }
        return new FileOptions(
                false, "", headers, folders.properties().getOrDefault("namePrefix", ""),
                folders.properties().getOrDefault("fileExtension", ""), encoding.equalsIgnoreCase("UTF8BOM"));
    }

    private static KustoException bad(String property, String said, List<String> known) {
        return new KustoException(Errors.badRequest("inline_external_table: '" + property + "' is one of "
                + known.stream().collect(Collectors.joining(", ")) + ", found '" + said + "'"));
    }
}
