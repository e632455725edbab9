package io.conshelf.processor.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.DefinitionText;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.processor.definition.Shape.Group;
import io.conshelf.processor.definition.Shape.ListOf;
import io.conshelf.processor.definition.Shape.TextOr;
import io.conshelf.processor.definition.Shape.Variant;
import io.conshelf.processor.definition.Shape.Variants;
import io.conshelf.processor.path.Durations;
import io.conshelf.processor.path.InvalidPathException;
import io.conshelf.processor.path.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The properties of an object that [SettingsCheck] has found in order, with what holds where nothing is stated.
///
/// @param type of an object that has variants; empty of others
record Stated(Located object, List<Setting> settings, String type) {

    static Stated of(Located object, List<Setting> settings) {
        return new Stated(object, settings, "");
    }

    private static Stated of(Located value, Variants variants) {
        Variant variant = variants.find(SettingsCheck.type(value, variants).text(variants.otherwise())).orElseThrow();
        return new Stated(value, variant.settings(), variant.type());
    }

    private Setting setting(String name) {
        return settings.stream().filter(setting -> setting.name().equals(name)).findFirst().orElseThrow();
    }

    boolean has(String name) {
        return at(name).isPresent();
    }

    /// What is stated, or else what holds otherwise.
    Located at(String name) {
        Setting setting = setting(name);
        Located stated = SettingsCheck.stated(object, setting);
        boolean isGiven = stated.isPresent() && stated.text().filter(String::isBlank).isEmpty();
        if (isGiven || setting.otherwise().isEmpty()) {
            return isGiven ? stated : new Located(stated.file(), stated.path(), com.fasterxml.jackson.databind.node.MissingNode.getInstance());
        }
        try {
            return new Located(stated.file(), stated.path(), DefinitionText.read(setting.otherwise(), Reading.STRICT));
        } catch (JsonProcessingException undeclarable) {
            throw new IllegalStateException(setting.name(), undeclarable);
        }
    }

    String text(String name) {
        JsonNode value = at(name).value();
        return value.isNumber() ? value.asText() : value.asText("");
    }

    /// A word as it is declared, whatever its case here.
    String word(String name) {
        String stated = text(name);
        Shape.OneOf declared = (Shape.OneOf) setting(name).shape();
        return declared.words().stream().filter(stated::equalsIgnoreCase).findFirst().orElseThrow();
    }

    /// A word as the constant of that name.
    <E extends Enum<E>> E word(String name, Class<E> type) {
        return Enum.valueOf(type, word(name).toUpperCase(Locale.ROOT));
    }

    int number(String name) {
        return Math.toIntExact(at(name).integer().orElseThrow());
    }

    boolean flag(String name) {
        return at(name).flag().orElseThrow();
    }

    Duration duration(String name) {
        return Durations.parse(text(name)).orElseThrow();
    }

    Path path(String name) {
        return parsed(text(name));
    }

    static Path parsed(String text) {
        try {
            return Path.parse(text);
        } catch (InvalidPathException wrong) {
            throw new IllegalStateException(wrong);
        }
    }

    Stated part(String name) {
        Located value = at(name);
        return switch (setting(name).shape()) {
            case Group(List<Setting> inner) -> of(value, inner);
            case Variants variants -> of(value, variants);
            case TextOr(Variants variants) -> of(value, variants);
            default -> throw new IllegalStateException(name + " has no parts");
        };
    }

    /// A part that may be missing.
    Optional<Stated> partIfAny(String name) {
        return has(name) ? Optional.of(part(name)) : Optional.empty();
    }

    List<Stated> parts(String name) {
        ListOf list = (ListOf) setting(name).shape();
        return at(name).items().stream().map(item -> switch (list.item()) {
            case Group(List<Setting> inner) -> of(item, inner);
            case Variants variants -> of(item, variants);
            default -> throw new IllegalStateException(name + " has no parts");
        }).toList();
    }
}
