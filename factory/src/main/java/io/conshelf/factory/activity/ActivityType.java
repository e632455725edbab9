package io.conshelf.factory.activity;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.definition.Activity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// The declaration of an activity type.
///
/// @param inner where the lists of inner activities stand, for containers
/// @param check finds mistakes in the type properties that the property list cannot express
public record ActivityType(String name, List<Property> properties, Function<Activity, List<Located>> inner, Check check, Runner runner) {

    /// How a documented property is treated. Nothing is accepted and then ignored.
    public enum Treatment {
        /// Evaluated before the activity starts, and acted on.
        IMPLEMENTED,
        /// Acted on, evaluated by the activity itself.
        LAZY,
        /// Accepted, and by its own meaning without effect here.
        NO_EFFECT,
        /// Not supported yet: a definition that uses it is refused.
        REFUSED
    }

    /// @param note why it has no effect, or is refused
    /// @param kind what its value is, where that is written out
    public record Property(String name, Treatment treatment, boolean isRequired, String note, ValueKind kind) {
        public Property(String name, Treatment treatment, boolean isRequired, String note) {
            this(name, treatment, isRequired, note, ValueKind.ANY);
        }

        /// A property that may be stated and is acted on.
        public static Property taken(String name, ValueKind kind) {
            return new Property(name, Treatment.IMPLEMENTED, false, "", kind);
        }

        /// Reports a stated value that is of another kind.
        public void check(Located value, Consumer<Problem> problems) {
            if (treatment == Treatment.IMPLEMENTED || treatment == Treatment.LAZY) {
                kind.complaint(name, value).ifPresent(complaint -> problems.accept(value.problem(complaint)));
            }
        }
    }

    /// The policy that every type's envelope takes. Its timeout is read with the envelope.
    public static final List<Property> POLICY = List.of(
            Property.taken("retry", ValueKind.from(0)), Property.taken("retryIntervalInSeconds", ValueKind.from(0)),
            Property.taken("secureInput", ValueKind.FLAG), Property.taken("secureOutput", ValueKind.FLAG));

    @FunctionalInterface
    public interface Runner {
        /// Runs the activity and returns its output.
        JsonNode run(ActivityContext context) throws ActivityFailure, InterruptedException;
    }

    @FunctionalInterface
    public interface Check {
        void check(Activity activity, Consumer<Problem> problems);
    }

    public ActivityType {
        properties = List.copyOf(properties);
    }

    public static Builder activity(String name) {
        return new Builder(name);
    }

    public Optional<Property> property(String key) {
        return properties.stream().filter(property -> property.name().equalsIgnoreCase(key)).findFirst();
    }

    /// Writes a declaration.
    public static final class Builder {
        private final String name;
        private final List<Property> properties = new ArrayList<>();
        private final List<String> inner = new ArrayList<>();
        private Function<Activity, List<Located>> innerLists = activity -> inner.stream().map(activity.typeProperties()::at)
                .filter(Located::isPresent).toList();
        private Check check = (_, _) -> {};

        private Builder(String name) {
            this.name = name;
        }

        public Builder needs(String property) {
            properties.add(new Property(property, Treatment.IMPLEMENTED, true, ""));
            return this;
        }

        public Builder needs(String property, ValueKind kind) {
            properties.add(new Property(property, Treatment.IMPLEMENTED, true, "", kind));
            return this;
        }

        public Builder takes(String property, ValueKind kind) {
            properties.add(Property.taken(property, kind));
            return this;
        }

        public Builder takes(String... names) {
            for (String property : names) {
                properties.add(new Property(property, Treatment.IMPLEMENTED, false, ""));
            }
            return this;
        }

        /// A required property that the activity evaluates itself, when it is needed.
        public Builder needsLazily(String property) {
            properties.add(new Property(property, Treatment.LAZY, true, ""));
            return this;
        }

        public Builder takesLazily(String property) {
            properties.add(new Property(property, Treatment.LAZY, false, ""));
            return this;
        }

        public Builder ignores(String property, String why) {
            properties.add(new Property(property, Treatment.NO_EFFECT, false, why));
            return this;
        }

        public Builder refuses(String property, String why) {
            properties.add(new Property(property, Treatment.REFUSED, false, why));
            return this;
        }

        /// A list of activities inside this one.
        public Builder holds(String property) {
            inner.add(property);
            properties.add(new Property(property, Treatment.LAZY, false, ""));
            return this;
        }

        public Builder holds(Function<Activity, List<Located>> lists) {
            innerLists = lists;
            return this;
        }

        public Builder checks(Check check) {
            this.check = check;
            return this;
        }

        public ActivityType runs(Runner runner) {
            return new ActivityType(name, properties, innerLists, check, runner);
        }
    }
}
