package io.conshelf.factory.activity;

import io.conshelf.factory.copy.CopyActivity;
import io.conshelf.factory.copy.FileActivities;
import io.conshelf.factory.copy.KustoCommandActivity;
import io.conshelf.factory.copy.LookupActivity;
import io.conshelf.factory.copy.ScriptActivity;
import io.conshelf.factory.copy.StoredProcedureActivity;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The registry: every activity type that can run, found by name in any case.
public final class ActivityTypes {
    private static final Map<String, ActivityType> BY_NAME = new TreeMap<>();

    static {
        Stream.of(LoopActivities.ALL, BranchActivities.ALL, VariableActivities.ALL, FlowActivities.ALL, WebActivities.ALL, FileActivities.ALL,
                        List.of(CopyActivity.TYPE, LookupActivity.TYPE, KustoCommandActivity.TYPE, ScriptActivity.TYPE, StoredProcedureActivity.TYPE))
                .flatMap(List::stream)
                .forEach(type -> BY_NAME.put(type.name().toLowerCase(Locale.ROOT), type));
    }

    private ActivityTypes() {}

    public static Optional<ActivityType> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT)));
    }

    public static Collection<ActivityType> all() {
        return List.copyOf(BY_NAME.values());
    }
}
