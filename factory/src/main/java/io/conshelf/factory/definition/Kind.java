package io.conshelf.factory.definition;

import java.util.Locale;
import java.util.Optional;

/// The kinds of resource a factory holds: the folder of each in git, its name in addresses, and what it is called.
public enum Kind {
    FACTORY("factory", "", "factory"),
    INTEGRATION_RUNTIME("integrationRuntime", "integrationRuntimes", "integration runtime"),
    CREDENTIAL("credential", "credentials", "credential"),
    GLOBAL_PARAMETERS("globalParameters", "globalParameters", "set of global parameters"),
    LINKED_SERVICE("linkedService", "linkedServices", "linked service"),
    DATASET("dataset", "datasets", "dataset"),
    DATA_FLOW("dataflow", "dataflows", "data flow"),
    PIPELINE("pipeline", "pipelines", "pipeline"),
    TRIGGER("trigger", "triggers", "trigger");

    private final String folder;
    private final String segment;
    private final String title;

    Kind(String folder, String segment, String title) {
        this.folder = folder;
        this.segment = segment;
        this.title = title;
    }

    public String folder() {
        return folder;
    }

    /// The word of the kind in a resource's address and type; empty for the factory itself.
    public String segment() {
        return segment;
    }

    public String title() {
        return title;
    }

    /// `Microsoft.DataFactory/factories/pipelines` and the like.
    public String armType() {
        return segment.isEmpty() ? "Microsoft.DataFactory/factories" : "Microsoft.DataFactory/factories/" + segment;
    }

    static Optional<Kind> ofArmType(String type) {
        for (Kind kind : values()) {
            if (kind.armType().toLowerCase(Locale.ROOT).equals(type.toLowerCase(Locale.ROOT))) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
