package io.conshelf.streams.job;

import java.util.List;
import java.util.Optional;

/// A kind of store that inputs or outputs name.
///
/// @param type     as the management interface spells it
/// @param title    as the portal and project files call it
/// @param settings its properties; others are kept and do nothing
/// @param refusal  why it is not built; empty where it is
public record DatasourceType(String type, String title, Role role, List<Setting> settings, Format format, String refusal) {
    public DatasourceType {
        settings = List.copyOf(settings);
    }

    public enum Role { STREAM, REFERENCE, OUTPUT }

    /// Whether it has a serialization.
    public enum Format { NEEDED, OPTIONAL, NONE }

    public boolean isBuilt() {
        return refusal.isEmpty();
    }

    static DatasourceType of(Role role, String type, String title, Format format, Setting... settings) {
        return new DatasourceType(type, title, role, List.of(settings), format, "");
    }

    static DatasourceType refused(Role role, String type, String title, String why) {
        return new DatasourceType(type, title, role, List.of(), Format.NONE, why);
    }

    Optional<Setting> setting(String name) {
        return settings.stream().filter(setting -> setting.name().equalsIgnoreCase(name)).findFirst();
    }
}
