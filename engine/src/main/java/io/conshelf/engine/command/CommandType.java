package io.conshelf.engine.command;

import io.conshelf.engine.command.OperationRun.Weight;
import io.conshelf.kql.command.CommandSyntax;
import java.util.List;
import java.util.Set;

/// What operations and histories call a command: its entity first, then its verb, as in `TableSetOrAppend`.
final class CommandType {
    // The longer ones first: one may begin another.
    private static final List<String> VERBS = List.of(
            "CreateOrAlter", "CreateMerge", "SetOrAppend", "SetOrReplace", "AlterMerge", "Create", "Alter", "Append", "Cancel",
            "Clear", "Delete", "Detach", "Disable", "Drop", "Enable", "Execute", "Move", "Rename", "Replace", "Show", "Add", "Set");
    private static final List<String> SCOPES = List.of("TableStar", "Tables", "Table", "Database", "Cluster", "Column");

    /// Of data that comes with the command, or from where it says.
    static final String INGESTION = "DataIngestPull";

    private static final Set<String> INGESTIONS = Set.of(
            INGESTION, "TableSet", "TableSetOrAppend", "TableSetOrReplace", "TableAppend", "TableLegacyReplace");

    private CommandType() {}

    /// Whether commands of this type bring rows into a table.
    static boolean isIngestion(String type) {
        return INGESTIONS.contains(type);
    }

    static Weight weight(String type) {
        return isIngestion(type) ? Weight.INGESTION : type.startsWith("Export") ? Weight.EXPORT : Weight.SMALL;
    }

    static String of(CommandSyntax command) {
        var name = command.name();
        if (name.startsWith("Ingest")) {
            return INGESTION;
        }
        for (var verb : VERBS) {
            if (name.startsWith(verb) && name.length() > verb.length()) {
                return entity(name.substring(verb.length())) + verb.replace("Merge", "");
            }
        }
        return name;
    }

    /// `TablePolicyRetention` is a `RetentionPolicy` whatever it is of.
    private static String entity(String name) {
        for (var scope : SCOPES) {
            if (name.startsWith(scope + "Policy")) {
                return name.substring(scope.length() + "Policy".length()) + "Policy";
            }
        }
        return name;
    }
}
