package io.conshelf.kql.syntax;

import java.util.HashSet;
import java.util.Set;

/// The reserved words of KQL, and where each may still be a name. Three degrees:
/// a *soft* word is a name wherever a name fits; a *declarable* one may be declared (`project where = 1`) but not
/// referred to without brackets; the rest need brackets everywhere.
final class Keywords {
    private Keywords() {}

    private static final Set<String> SOFT = words("""
            __partitionby access alias best_effort bin bool consume count database dataformat datetime_pattern
            declare default distinct edges entity_group evaluate extend facet filter fork from getschema graph guid
            id inline_external_table join let limit lookup mvapply mvexpand nodes null nulls on optional order
            output pack parse partition pattern plotly query_parameters range reduce regex render restrict scan
            serialize sort step summarize take top typeof uuid view with with_node_id
            """);

    private static final Set<String> DECLARABLE = words("""
            accumulate as by contains datatable earliest externaldata find has in invoke latest materialize mdm of
            print sample sample-distinct search set sql title to top-hitters top-nested toscalar totable verbose
            viewers where
            """);

    private static final Set<String> HARD = words("""
            !between !contains !contains_cs !endswith !endswith_cs !has !has_cs !hasprefix !hasprefix_cs !hassuffix
            !hassuffix_cs !in !in~ !startswith !startswith_cs 3Dchart __contextual_datatable __crossCluster
            __crossDB __executeAndCache __id __isFuzzy __noWithSource __packedColumn __projectAway
            __sourceColumnIndex and anomalychart areachart asc assert-schema bagexpansion barchart between
            bin_legacy boolean byte cachingpolicy callout cancel card char columnchart commands-and-queries
            contains_cs containscs cycles dataexport datascope date datetime decimal decodeblocks desc double
            dynamic encodingpolicy endswith endswith_cs expandoutput extent_tags_retention external_data first flags
            float force_remote granny-asc granny-desc graph-mark-components graph-match graph-shortest-paths
            graph-to-table graph-where-edges graph-where-nodes harddelete hardretention has_all has_any has_cs
            hasprefix hasprefix_cs hassuffix hassuffix_cs hint.concurrency hint.distribution hint.materialized
            hint.num_partitions hint.progressive_top hint.remote hint.shufflekey hint.spread hint.strategy hotcache
            int int16 int32 int64 int8 in~ isfuzzy journal kind ladderchart last like likecs linechart long
            macro-expand make-graph make-series materialized-view-combine materialized-views missing mv-apply
            mv-expand nooptimization notcontains notcontainscs notlike notlikecs or others parse-kv parse-where
            partitioned-by pathformat piechart pivotchart project project-away project-by-names project-keep
            project-rename project-reorder project-smart queries query_results real relaxed restricted_view_access
            row_level_security rowstore rowstore_references rowstore_sealinfo rowstorepolicy rowstores scatterchart
            seal seals set-or-append set-or-replace shards simple softdelete softretention stackedareachart
            startswith startswith_cs statistics storedqueryresultcontainers string tablepurge time timechart
            timeline timepivot timespan treemap uint uint16 uint32 uint64 uint8 ulong union uniqueid
            unrestrictedviewers views with_itemindex with_match_id with_source with_step_name withsource
            writeaheadlog
            """);

    /// Words that an expression may still refer to as a column, though they can't be declared bare.
    private static final Set<String> REFERABLE = words("kind withsource with_source");

    /// Words of the language that are not one run of letters, for the longest match of the lexer.
    static final String MATCHES_REGEX = "matches regex";

    private static final Set<String> ALL = union(SOFT, DECLARABLE, HARD, Set.of(MATCHES_REGEX));

    private static final int LONGEST = ALL.stream().mapToInt(String::length).max().orElseThrow();

    static boolean isSoft(String word) {
        return SOFT.contains(word);
    }

    static boolean isDeclarable(String word) {
        return SOFT.contains(word) || DECLARABLE.contains(word);
    }

    static boolean isReferable(String word) {
        return REFERABLE.contains(word);
    }

    /// The longest keyword that starts at `start`, as a length; 0 where there is none. `project-away` wins over
    /// `project`, and `in~` over `in`, whatever follows.
    static int longestAt(String text, int start) {
        int best = 0;
        int end = Math.min(text.length(), start + LONGEST);
        for (int i = start; i < end && mayBeInKeyword(text.charAt(i)); i++) {
            if (i + 1 - start > best && ALL.contains(text.substring(start, i + 1))) {
                best = i + 1 - start;
            }
        }
        return best;
    }

    private static boolean mayBeInKeyword(char c) {
        return Lexer.isNamePart(c) || c == '-' || c == '.' || c == '~' || c == '!' || c == ' ';
    }

    private static Set<String> words(String list) {
        return Set.of(list.strip().split("\\s+"));
    }

    @SafeVarargs
    private static Set<String> union(Set<String>... sets) {
        Set<String> all = new HashSet<>();
        for (Set<String> set : sets) {
            all.addAll(set);
        }
        return Set.copyOf(all);
    }
}
