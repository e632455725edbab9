package io.conshelf.processor.definition;

import java.util.List;
import java.util.stream.Stream;

/// A kind of stage.
///
/// @param type     as definitions spell it, with its version
/// @param aliases  other spellings
/// @param title    as the portal calls it
/// @param settings its own properties; those that all have are [StageTypes#COMMON]
/// @param refusal  why it is not built; empty where it is
public record StageType(String type, List<String> aliases, String title, Role role, List<Setting> settings, String refusal) {
    public StageType {
        settings = List.copyOf(settings);
    }

    public enum Role { SOURCE, PROCESSOR, DESTINATION }

    static StageType of(Role role, String type, String title, Setting... settings) {
        return new StageType(type, List.of(), title, role, List.of(settings), "");
    }

    static StageType of(Role role, String type, String title, List<Setting> common, Setting... settings) {
        return new StageType(type, List.of(), title, role, Stream.concat(Stream.of(settings), common.stream()).toList(), "");
    }

    StageType alias(String other) {
        return new StageType(type, List.of(other), title, role, settings, refusal);
    }

    StageType refused(String why) {
        return new StageType(type, aliases, title, role, settings, why);
    }

    public boolean isBuilt() {
        return refusal.isEmpty();
    }

    boolean isNamed(String name) {
        return type.equalsIgnoreCase(name) || aliases.stream().anyMatch(name::equalsIgnoreCase);
    }
}
