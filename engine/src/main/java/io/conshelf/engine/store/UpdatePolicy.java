package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One element of a table's update policy: a query that makes rows of this table from the new rows of another.
///
/// @param isWildCard the source is a pattern with stars; within the query the table that rows came to is `$source_table`
/// @param propagates tags and creation time of the source's extent go to the one made here
public record UpdatePolicy(
        boolean isEnabled, String source, boolean isWildCard, String query, boolean isTransactional, boolean propagates) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern SOURCE_TABLE = Pattern.compile("\\$source_table\\b");

    /// Those that are set on a table, enabled or not.
    public static List<UpdatePolicy> of(Table table) {
        return table.policy(PolicyKind.UPDATE).map(UpdatePolicy::parse).orElse(List.of());
    }

    private static List<UpdatePolicy> parse(String text) {
        try {
            var policies = new ArrayList<UpdatePolicy>();
            for (JsonNode element : JSON.readTree(text)) {
                policies.add(new UpdatePolicy(
                        element.path("IsEnabled").asBoolean(), element.path("Source").asText(),
                        element.path("SourceIsWildCard").asBoolean(),
                        element.path("Query").asText(), element.path("IsTransactional").asBoolean(),
                        element.path("PropagateIngestionProperties").asBoolean()));
            }
            return policies;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored update policy cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    /// Whether new rows of a table are to bring rows here.
    public boolean appliesTo(String sourceTable) {
        return isEnabled && reads(sourceTable);
    }

    /// As [#appliesTo], were it enabled.
    public boolean reads(String sourceTable) {
        return matches(source, isWildCard, sourceTable);
    }

    /// Whether a source, as policies name it, is or covers a table.
    public static boolean matches(String source, boolean isWildCard, String table) {
        return isWildCard
                ? Pattern.matches(Arrays.stream(source.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")), table)
                : source.equals(table);
    }

    /// The query over one source.
    public String query(String sourceTable) {
        return isWildCard ? query(query, sourceTable) : query;
    }

    /// A wildcard policy's query with the table in place of the name that stands for it.
    public static String query(String query, String sourceTable) {
        return SOURCE_TABLE.matcher(query).replaceAll(Matcher.quoteReplacement("['" + sourceTable + "']"));
    }

    /// The tables that new rows of a source come to, directly or over others.
    public static Set<String> targets(Database database, String source) {
        var found = new LinkedHashSet<String>();
        var open = new ArrayList<>(List.of(source));
        while (!open.isEmpty()) {
            String next = open.removeLast();
            for (Table table : database.tables()) {
                boolean isTarget = table.policy(PolicyKind.UPDATE).isPresent()
                        && of(table).stream().anyMatch(p -> p.appliesTo(next));
                if (isTarget && found.add(table.name())) {
                    open.add(table.name());
                }
            }
        }
        return found;
    }
}
