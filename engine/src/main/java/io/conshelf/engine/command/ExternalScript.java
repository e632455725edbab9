package io.conshelf.engine.command;

import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.store.ContinuousExport;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.ExternalTable.PeriodKind;
import io.conshelf.engine.store.ExternalTable.Rule;
import io.conshelf.engine.store.ExternalTable.Sql;
import io.conshelf.engine.store.Mapping;
import io.conshelf.kql.value.TimeSpanText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// External tables and continuous exports as the commands that make them again.
final class ExternalScript {
    private static final long TICKS_PER_SECOND = 10_000_000;
    private static final long NANOSECONDS_PER_TICK = 100;

    /// Whether what opens storage is written out: a script without it makes tables that cannot be read.
    enum Secrets { SHOWN, MASKED }

    private ExternalScript() {}

    static String table(ExternalTable table, Secrets secrets) {
        return switch (table.source()) {
            case Files files -> files(table, files, secrets);
            case Sql sql -> head(table) + " kind=sql table=" + SchemaText.name(sql.table()) + "\n(\n  h"
                    + SchemaText.literal(secrets == Secrets.SHOWN ? sql.connection() : ObfuscatedText.ofConnection(sql.connection()))
                    + "\n)\nwith (" + described(table) + ", sqlDialect=" + SchemaText.literal(sql.dialect().kustoName())
                    + ", fireTriggers=" + sql.firesTriggers() + ", createIfNotExists=" + sql.createsTable()
                    + (sql.primaryKey().isEmpty() ? "" : ", primaryKey=" + SchemaText.literal(sql.primaryKey())) + ")";
        };
    }

    private static String head(ExternalTable table) {
        return ".create-or-alter external table " + SchemaText.name(table.name()) + " (" + SchemaText.csl(table.columns()) + ")";
    }

    private static String described(ExternalTable table) {
        return "folder=" + SchemaText.literal(table.folder()) + ", docstring=" + SchemaText.literal(table.docString());
    }

    private static String files(ExternalTable table, Files files, Secrets secrets) {
        var text = new StringBuilder(head(table)).append(" kind=storage");
        if (!files.partitions().isEmpty()) {
            text.append("\npartition by (")
                    .append(files.partitions().stream().map(ExternalScript::partition).collect(Collectors.joining(", "))).append(')');
        }
        if (!files.path().isEmpty()) {
            text.append("\npathformat = (").append(ExternalTableText.pathFormat(table)).append(')');
        }
        var places = files.connections().stream()
                .map(c -> "  h" + SchemaText.literal(secrets == Secrets.SHOWN ? c : ExternalTables.masked(c)))
                .collect(Collectors.joining(",\n"));
        text.append("\ndataformat=").append(files.format()).append("\n(\n").append(places).append("\n)\nwith (").append(described(table));
        var options = files.options();
        text.append(", compressed=").append(options.isCompressed());
        addText(text, "compressionType", options.compressionType());
        text.append(", includeHeaders=").append(SchemaText.literal(options.headers().kustoName()));
        addText(text, "namePrefix", options.namePrefix());
        addText(text, "fileExtension", options.fileExtension());
        addText(text, "encoding", options.hasMark() ? "UTF8BOM" : "");
        return text.append(')').toString();
    }

    private static void addText(StringBuilder text, String property, String value) {
        if (!value.isEmpty()) {
            text.append(", ").append(property).append('=').append(SchemaText.literal(value));
        }
    }

    private static String partition(Partition partition) {
        return SchemaText.name(partition.name()) + ":" + partition.type().kustoName() + switch (partition.rule()) {
            case Rule.Virtual _ -> "";
            case Rule.Value(String column) -> " = " + SchemaText.name(column);
            case Rule.Hash(String column, long modulus) -> " = hash(" + SchemaText.name(column) + ", " + modulus + ")";
            case Rule.Period(String column, PeriodKind kind, long bin) when kind == PeriodKind.BIN ->
                " = bin(" + SchemaText.name(column) + ", time(" + TimeSpanText.format(bin) + "))";
            case Rule.Period(String column, PeriodKind kind, long _) ->
                " = " + kind.kustoName().toLowerCase(Locale.ROOT) + "(" + SchemaText.name(column) + ")";
        };
    }

    static List<String> mappings(ExternalTable table) {
        var commands = new ArrayList<String>();
        for (Mapping mapping : table.mappings()) {
            commands.add(".create external table " + SchemaText.name(table.name()) + " mapping " + SchemaText.literal(mapping.name()) + " "
                    + SchemaText.literal(mapping.json()));
        }
        return commands;
    }

    /// @param properties of the export itself, as commands write them
    static String export(ContinuousExport export, List<String> properties) {
        var settings = export.settings();
        var with = new ArrayList<String>();
        with.add("intervalBetweenRuns=" + time(settings.interval()));
        settings.forcedLatency().ifPresent(latency -> with.add("forcedLatency=" + time(latency)));
        with.addAll(properties);
        with.add("isDisabled=" + settings.isDisabled());
        var over = export.scopedTables().isEmpty() ? "" : " over ("
                + export.scopedTables().stream().map(SchemaText::name).collect(Collectors.joining(", ")) + ")";
        return ".create-or-alter continuous-export " + SchemaText.name(export.name()) + over + " to table "
                + SchemaText.name(export.externalTable()) + " with (" + String.join(", ", with) + ")\n<| " + export.query();
    }

    private static String time(Duration duration) {
        return "time(" + TimeSpanText.format(
                duration.toSeconds() * TICKS_PER_SECOND + duration.toNanosPart() / NANOSECONDS_PER_TICK) + ")";
    }
}
