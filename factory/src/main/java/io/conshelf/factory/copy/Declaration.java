package io.conshelf.factory.copy;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.activity.ValueKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// One documented type name (of a linked service, dataset, location, settings object, source or sink) with every documented property and how
/// it is treated.
///
/// @param inner   what stands in properties that are objects, or lists of them
/// @param refusal why the type is not supported; empty when it is
public record Declaration(String type, List<Property> properties, Map<String, Declaration> inner, Optional<String> refusal) {
    private static final ValueKind ANY_TIME = ValueKind.spanOfAtMost(Duration.ofDays(1));

    public Declaration {
        properties = List.copyOf(properties);
        inner = Collections.unmodifiableMap(new LinkedHashMap<>(inner)); // in the order in which mistakes are told
    }

    static Builder type(String type) {
        return new Builder(type);
    }

    /// What every source of rows has.
    static Builder source(String name) {
        return type(name).takes(ValueKind.from(0), "sourceRetryCount").takes(ANY_TIME, "sourceRetryWait").takes(ValueKind.from(1), "maxConcurrentConnections")
                .ignores("disableMetricsCollection", "no metrics are collected");
    }

    /// What every sink has.
    static Builder sink(String name) {
        return type(name).takes(ValueKind.from(0), "sinkRetryCount").takes(ANY_TIME, "sinkRetryWait").takes(ValueKind.from(1), "maxConcurrentConnections")
                .ignores("disableMetricsCollection", "no metrics are collected");
    }

    /// A type that is known and not supported.
    static Declaration refused(String type, String why) {
        return new Declaration(type, List.of(), Map.of(), Optional.of(why));
    }

    public boolean isSupported() {
        return refusal.isEmpty();
    }

    Optional<Property> property(String key) {
        return properties.stream().filter(property -> property.name().equalsIgnoreCase(key)).findFirst();
    }

    /// Reports the properties of a stated object that are missing or refused.
    public void check(Located stated, Consumer<Problem> problems) {
        for (Property property : properties) {
            Located value = stated.at(property.name());
            property.check(value, problems);
            if (property.isRequired() && !value.isPresent()) {
                problems.accept(value.problem("'" + type + "' needs '" + property.name() + "'"));
            }
        }
        for (Map.Entry<String, Located> property : stated.properties()) {
            property(property.getKey()).filter(known -> known.treatment() == Treatment.REFUSED && isMeant(property.getValue()))
                    .ifPresent(known -> problems.accept(property.getValue().problem("'" + known.name() + "' is not supported yet: " + known.note())));
        }
        checkInner(stated, problems);
    }

    /// Reports what is wrong in the objects of a stated object, not in the object itself.
    void checkInner(Located stated, Consumer<Problem> problems) {
        inner.forEach((name, declared) -> objects(stated.at(name)).forEach(object -> declared.check(object, problems)));
    }

    private static List<Located> objects(Located value) {
        if (ValueKind.isComputed(value)) {
            return List.of();
        }
        return value.value().isObject() ? List.of(value)
                : value.items().stream().filter(item -> item.value().isObject() && !ValueKind.isComputed(item)).toList();
    }

    /// Reports the properties of a stated object that are not known.
    public void remark(Located stated, Consumer<Problem> remarks) {
        for (Map.Entry<String, Located> property : stated.properties()) {
            if (isSupported() && !property.getKey().equalsIgnoreCase("type") && property(property.getKey()).isEmpty()) {
                remarks.accept(property.getValue().problem("'" + property.getKey() + "' is not a property of " + type + " and has no effect"));
            }
        }
        remarkInner(stated, remarks);
    }

    void remarkInner(Located stated, Consumer<Problem> remarks) {
        inner.forEach((name, declared) -> objects(stated.at(name)).forEach(object -> declared.remark(object, remarks)));
    }

    /// Whether a refused property says anything: false, null and empty values leave things as they are.
    public static boolean isMeant(Located value) {
        return value.isPresent() && !value.flag().map(flag -> !flag).orElse(false) && !value.text().map(String::isEmpty).orElse(false)
                && !(value.value().isContainerNode() && value.value().isEmpty());
    }

    static final class Builder {
        private final String type;
        private final List<Property> properties = new ArrayList<>();
        private final Map<String, Declaration> inner = new LinkedHashMap<>();

        private Builder(String type) {
            this.type = type;
        }

        Builder needs(String... names) {
            for (String name : names) {
                properties.add(new Property(name, Treatment.IMPLEMENTED, true, ""));
            }
            return this;
        }

        Builder takes(String... names) {
            for (String name : names) {
                properties.add(new Property(name, Treatment.IMPLEMENTED, false, ""));
            }
            return this;
        }

        Builder takes(ValueKind kind, String... names) {
            for (String name : names) {
                properties.add(Property.taken(name, kind));
            }
            return this;
        }

        /// An object, or a list of objects.
        Builder holds(String name, Declaration object) {
            properties.add(new Property(name, Treatment.IMPLEMENTED, false, ""));
            inner.put(name, object);
            return this;
        }

        /// A list of objects.
        Builder holdsMany(String name, Declaration object) {
            properties.add(Property.taken(name, ValueKind.ARRAY));
            inner.put(name, object);
            return this;
        }

        Builder ignores(String name, String why) {
            properties.add(new Property(name, Treatment.NO_EFFECT, false, why));
            return this;
        }

        Builder refuses(String name, String why) {
            properties.add(new Property(name, Treatment.REFUSED, false, why));
            return this;
        }

        Declaration build() {
            return new Declaration(type, properties, inner, Optional.empty());
        }
    }
}
