package io.conshelf.engine.command;

import io.conshelf.engine.ObfuscatedText;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.Grant;
import io.conshelf.engine.store.Mapping;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StoredFunction;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.TimeSpanText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A database's schema as commands that make it again: what `.execute database script` replays.
final class SchemaScript {
    static final Set<String> OPTIONS = Set.of(
            "includeencodingpolicies", "includesecuritysettings", "includeingestionmappings", "showobfuscatedstrings");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private SchemaScript() {}

    static CommandResult show(CommandContext context) {
        var database = context.database();
        var rows = CommandResult.of(context.match().command());
        if (!SchemaCommands.isLater(context, "Version", database)) {
            return rows.done();
        }
        boolean showsSecrets = context.isTrue("showobfuscatedstrings");
        if (showsSecrets) {
            Authorization.require(context.request().principal(), database, Role.ADMIN);
        }
        var commands = commands(database, new Parts(
                isOn(context, "includeencodingpolicies"), isOn(context, "includesecuritysettings"),
                isOn(context, "includeingestionmappings"), EntityGroupCommands.mayShow(context, database), showsSecrets));
        commands.forEach(rows::row);
        return rows.done();
    }

    private static boolean isOn(CommandContext context, String option) {
        return context.property(option).isEmpty() || context.isTrue(option);
    }

    /// What the script is asked to hold, and may, beside the schema.
    private record Parts(boolean encodings, boolean security, boolean mappings, boolean entityGroups, boolean secrets) {}

    private static List<String> commands(Database database, Parts parts) {
        boolean withSecurity = parts.security();
        var commands = new ArrayList<String>();
        for (var table : database.tables()) {
            commands.add(table(table));
            columnDescriptions(table).ifPresent(commands::add);
        }
        policies(database.policies(), parts).forEach((word, payload) ->
                commands.add(".alter database policy " + word + " " + payload));
        for (var table : database.tables()) {
            policies(table.policies(), parts).forEach((word, payload) -> commands.add(policy(table, word, payload)));
            if (parts.encodings()) {
                table.columns().forEach(column -> database.rules(EntityId.column(table, column)).policy(PolicyKind.ENCODING).ifPresent(text ->
                        commands.add(".alter column " + SchemaText.name(table.name()) + "." + SchemaText.name(column.name())
                                + " policy encoding " + SchemaText.literal(text))));
            }
        }
        if (parts.mappings()) {
            database.mappings().forEach(mapping -> commands.add(mapping("database " + SchemaText.name(database.name()), mapping)));
            for (var table : database.tables()) {
                table.mappings().forEach(mapping -> commands.add(mapping("table " + SchemaText.name(table.name()), mapping)));
            }
        }
        database.functions().forEach(function -> commands.add(function(function, parts.secrets())));
        if (parts.entityGroups()) {
            database.entityGroups().forEach((name, entities) ->
                    commands.add(".create-or-alter entity_group " + SchemaText.name(name) + " (" + String.join(", ", entities) + ")"));
        }
        // What is a query may need tables and functions of any name.
        for (var table : database.tables()) {
            queries(table.policies(), withSecurity).forEach((word, payload) -> commands.add(policy(table, word, payload)));
        }
        // A view over another comes after it.
        for (boolean isOverView : new boolean[] {false, true}) {
            database.viewsByName().values().stream().filter(view -> view.definition().isOverView() == isOverView)
                    .forEach(view -> {
                        commands.add(view(view));
                        commands.addAll(policies(database, view, parts));
                    });
        }
        var externals = database.externals();
        for (var table : externals.tablesByName().values()) {
            commands.add(ExternalScript.table(table, parts.secrets() ? ExternalScript.Secrets.SHOWN : ExternalScript.Secrets.MASKED));
            if (parts.mappings()) {
                commands.addAll(ExternalScript.mappings(table));
            }
        }
        externals.exportsByName().values().forEach(export ->
                commands.add(ExternalScript.export(export, properties(export.settings().properties()))));
        database.graphs().byName().values().forEach(model ->
                commands.add(".create-or-alter graph_model " + SchemaText.name(model.name()) + " " + SchemaText.literal(model.newest().definition())));
        if (parts.security()) {
            principals(database, commands);
        }
        return commands;
    }

    private static List<String> policies(Database database, MaterializedView view, Parts parts) {
        var set = database.rules(new EntityId(EntityId.Kind.MATERIALIZED_VIEW, view.name())).policies();
        var commands = new ArrayList<String>();
        var head = ".alter materialized-view " + SchemaText.name(view.name()) + " policy ";
        policies(set, parts).forEach((word, payload) -> commands.add(head + word + " " + payload));
        queries(set, parts.security()).forEach((word, payload) -> commands.add(head + word + " " + payload));
        return commands;
    }

    /// An export's own properties as commands write them.
    private static List<String> properties(String json) {
        return parsed(json).properties().stream()
                .map(p -> p.getKey() + "=" + (p.getValue().isTextual() ? SchemaText.literal(p.getValue().textValue()) : p.getValue()))
                .toList();
    }

    private static void principals(Database database, List<String> commands) {
        database.grants().forEach(grant -> commands.add(grant("database", grant)));
        database.tables().forEach(table -> table.grants().forEach(grant ->
                commands.add(grant("table " + SchemaText.name(table.name()), grant))));
        database.rulesByEntity().forEach((entity, rules) -> {
            var word = switch (entity.kind()) {
                case FUNCTION -> "function ";
                case MATERIALIZED_VIEW -> "materialized-view ";
                case EXTERNAL_TABLE -> "external table ";
                case GRAPH_MODEL -> "graph_model ";
                case COLUMN -> "";
            };
            rules.grants().forEach(grant -> commands.add(grant(word + SchemaText.name(entity.name()), grant)));
        });
    }

    private static String grant(String entity, Grant grant) {
        return ".add " + entity + " " + grant.role().kustoName().toLowerCase(Locale.ROOT) + "s (" + SchemaText.literal(grant.principal())
                + ") skip-results" + (grant.notes().isEmpty() ? "" : " " + SchemaText.literal(grant.notes()));
    }

    private static String policy(Table table, String word, String payload) {
        return ".alter table " + SchemaText.name(table.name()) + " policy " + word + " " + payload;
    }

    private static String view(MaterializedView view) {
        var options = view.options();
        var dimensions = view.definition().dimensionTables();
        return ".create-or-alter materialized-view" + with(view.folder(), view.docString(),
                        ", autoUpdateSchema=" + options.updatesSchema()
                        + options.lookback().map(l -> ", lookback=" + TimeSpanText.format(l.toMillis() * 10_000)).orElse("")
                        + (options.lookbackColumn().isEmpty() ? "" : ", lookback_column=" + SchemaText.literal(options.lookbackColumn()))
                        + (dimensions.isEmpty() ? "" : ", dimensionTables=dynamic(["
                                + String.join(", ", dimensions.stream().map(SchemaText::literal).toList()) + "])"))
                + " " + SchemaText.name(view.name()) + " on " + (view.definition().isOverView() ? "materialized-view " : "table ")
                + SchemaText.name(view.source()) + " { " + view.query() + " }";
    }

    /// The policies that hold a query.
    private static Map<String, String> queries(Map<PolicyKind, String> policies, boolean withSecurity) {
        var payloads = new TreeMap<String, String>();
        Optional.ofNullable(policies.get(PolicyKind.UPDATE))
                .ifPresent(text -> payloads.put("update", SchemaText.literal(text)));
        if (withSecurity) {
            Optional.ofNullable(policies.get(PolicyKind.ROW_LEVEL_SECURITY)).map(SchemaScript::parsed).ifPresent(json -> payloads.put(
                    "row_level_security",
                    (json.path("IsEnabled").asBoolean() ? "enable " : "disable ") + SchemaText.literal(json.path("Query").asText())));
        }
        return payloads;
    }

    private static String table(Table table) {
        return ".create-merge table " + SchemaText.name(table.name()) + " (" + SchemaText.csl(table.schema()) + ")"
                + with(table.folder(), table.docString(), table.isHidden() ? ", hidden=true" : "");
    }

    private static String with(String folder, String docString, String more) {
        return " with (folder=" + SchemaText.literal(folder) + ", docstring=" + SchemaText.literal(docString) + more + ")";
    }

    private static Optional<String> columnDescriptions(Table table) {
        var described = table.columns().stream()
                .filter(column -> !column.docString().isEmpty())
                .map(column -> SchemaText.name(column.name()) + ":" + SchemaText.literal(column.docString()))
                .toList();
        return described.isEmpty() ? Optional.empty() : Optional.of(".alter-merge table " + SchemaText.name(table.name())
                + " column-docstrings (" + String.join(", ", described) + ")");
    }

    /// Each policy's word in commands and what follows it, in the order of the words.
    private static Map<String, String> policies(Map<PolicyKind, String> policies, Parts parts) {
        var payloads = new TreeMap<String, String>();
        policies.forEach((kind, text) -> {
            var json = parsed(text);
            switch (kind) {
                case RESTRICTED_VIEW_ACCESS -> {
                    if (parts.security()) {
                        payloads.put("restricted_view_access", json.path("IsEnabled").asText());
                    }
                }
                case UPDATE, ROW_LEVEL_SECURITY -> {
                    // come later: see queries
                }
                case ENCODING -> {
                    if (parts.encodings()) {
                        payloads.put("encoding", SchemaText.literal(text));
                    }
                }
                case INGESTION_TIME -> payloads.put("ingestiontime", "true");
                case ROW_ORDER -> payloads.put("roworder", rowOrder(json));
                case CACHING -> payloads.put("caching", caching(json));
                case AUTO_DELETE -> payloads.put("auto_delete", SchemaText.literal(text));
                case EXTENT_TAGS_RETENTION -> payloads.put("extent_tags_retention", SchemaText.literal(text));
                case MANAGED_IDENTITY -> payloads.put("managed_identity", SchemaText.literal(text));
                default -> payloads.put(word(kind), SchemaText.literal(text));
            }
        });
        return payloads;
    }

    private static String word(PolicyKind kind) {
        return kind.name().replace("_", "").toLowerCase(Locale.ROOT);
    }

    private static String rowOrder(JsonNode policy) {
        var columns = new ArrayList<String>();
        policy.path("RowOrder").forEach(column -> columns.add(
                SchemaText.name(column.path("ColumnName").asText()) + (column.path("IsAscending").asBoolean() ? " asc" : " desc")));
        return "(" + String.join(", ", columns) + ")";
    }

    private static String caching(JsonNode policy) {
        var text = new StringBuilder("hotdata = time(" + policy.at("/DataHotSpan/Value").asText() + ") hotindex = time("
                + policy.at("/IndexHotSpan/Value").asText() + ")");
        for (var window : policy.path("HotWindows")) {
            text.append(", hot_window = ").append(datetime(window.path("MinValue"))).append(" .. ").append(datetime(window.path("MaxValue")));
        }
        return text.toString();
    }

    private static String datetime(JsonNode text) {
        return "datetime(" + DateTimeText.format(DateTimeText.parse(text.asText()).orElseThrow()) + ")";
    }

    private static String mapping(String entity, Mapping mapping) {
        return ".create-or-alter " + entity + " ingestion " + mapping.kind().kustoName().toLowerCase(Locale.ROOT) + " mapping "
                + SchemaText.literal(mapping.name()) + " " + SchemaText.literal(mapping.json());
    }

    // A function may need one that comes after it.
    private static String function(StoredFunction function, boolean showsSecrets) {
        String more = (function.isView() ? ", view=true" : "") + ", skipvalidation=true";
        return ".create-or-alter function" + with(function.folder(), function.docString(), more) + " "
                + SchemaText.name(function.name()) + function.parameters() + " "
                + (showsSecrets ? function.body() : ObfuscatedText.masked(function.body()));
    }

    private static JsonNode parsed(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalStateException("a stored policy is not JSON: " + json, e);
        }
    }
}
