package io.conshelf.processor.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Spelling;
import io.conshelf.processor.definition.Shape.Group;
import io.conshelf.processor.definition.Shape.Kind;
import io.conshelf.processor.definition.Shape.ListOf;
import io.conshelf.processor.definition.Shape.MapOf;
import io.conshelf.processor.definition.Shape.Number;
import io.conshelf.processor.definition.Shape.OneOf;
import io.conshelf.processor.definition.Shape.TextOr;
import io.conshelf.processor.definition.Shape.Variant;
import io.conshelf.processor.definition.Shape.Variants;
import io.conshelf.processor.jq.JqSyntaxException;
import io.conshelf.processor.jq.Program;
import io.conshelf.processor.path.Durations;
import io.conshelf.processor.path.FileTemplate;
import io.conshelf.processor.path.InvalidPathException;
import io.conshelf.processor.path.Path;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Holds what is stated against what is declared.
final class SettingsCheck {
    private static final Set<String> BROKER_SCHEMES = Set.of("tls", "tcp", "mqtt", "mqtts", "ssl");
    private static final int SHOWN_MAX = 60;
    /// What Key Vault and Kubernetes allow.
    private static final Pattern SECRET_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}");

    private final List<Problem> problems;
    private final List<Problem> remarks;
    private final List<Located> secrets = new ArrayList<>();

    SettingsCheck(List<Problem> problems, List<Problem> remarks) {
        this.problems = problems;
        this.remarks = remarks;
    }

    /// Where secrets are named.
    List<Located> secrets() {
        return List.copyOf(secrets);
    }

    /// What is told of a member that nobody reads.
    static Problem unknown(Located member, String name, Collection<String> known) {
        return member.problem("is kept and has no effect: it is not known here" + Spelling.nearest(known, name).map(meant -> "; did you mean '" + meant + "'?").orElse(""));
    }

    /// @param also names of members that are read elsewhere
    void check(Located object, List<Setting> settings, Set<String> also) {
        for (Setting setting : settings) {
            Located stated = stated(object, setting);
            if (!isGiven(stated)) {
                if (setting.use() == Setting.Use.NEEDED) {
                    problems.add(stated.problem("is missing: it is " + setting.note() + misspelt(object, setting, settings)));
                }
                continue;
            }
            switch (setting.use()) {
                case NEEDED, USED -> check(stated, setting.shape(), setting.note());
                case REFUSED -> problems.add(stated.problem("is not supported: " + setting.note()));
                case NO_EFFECT -> {}
            }
        }
        for (Map.Entry<String, Located> member : object.properties()) {
            String name = member.getKey();
            if (also.stream().noneMatch(name::equalsIgnoreCase) && settings.stream().flatMap(Setting::names).noneMatch(name::equalsIgnoreCase)) {
                remarks.add(unknown(member.getValue(), name, settings.stream().map(Setting::name).toList()));
            }
        }
    }

    /// A member that nobody knows and that may be meant to be what is missing.
    private static String misspelt(Located object, Setting missing, List<Setting> settings) {
        List<String> strange = object.properties().stream().map(Map.Entry::getKey).filter(name -> settings.stream().flatMap(Setting::names).noneMatch(name::equalsIgnoreCase)).toList();
        return missing.names().flatMap(name -> Spelling.nearest(strange, name).stream()).findFirst().map(name -> "; is it '" + name + "', misspelt?").orElse("");
    }

    /// The value of a setting under whichever of its names it has one.
    static Located stated(Located object, Setting setting) {
        return setting.names().map(object::at).filter(SettingsCheck::isGiven).findFirst().orElseGet(() -> object.at(setting.name()));
    }

    // An empty text is what a form leaves behind.
    private static boolean isGiven(Located stated) {
        return stated.isPresent() && stated.text().filter(String::isBlank).isEmpty();
    }

    private void check(Located value, Shape shape, String note) {
        switch (shape) {
            case Kind.SECRET -> secret(value, note);
            case Kind kind -> misfit(value, kind).ifPresent(why -> wrong(value, why, note));
            case Number(long min, long max) -> {
                if (value.integer().filter(number -> number >= min && number <= max).isEmpty()) {
                    wrong(value, max == Integer.MAX_VALUE ? "is to be a whole number of " + min + " or more" : "is to be a whole number of " + min + " to " + max, note);
                }
            }
            case OneOf(List<String> words) -> {
                if (value.text().filter(text -> words.stream().anyMatch(text::equalsIgnoreCase)).isEmpty()) {
                    wrong(value, words.size() == 1 ? "is to be '" + words.getFirst() + "'" : "is to be one of " + String.join(", ", words), note);
                }
            }
            case ListOf(Shape item, int min, int max) -> {
                if (!value.value().isArray()) {
                    wrong(value, "is to be a list", note);
                } else if (value.value().size() < min) {
                    wrong(value, "is to have at least " + min + (min == 1 ? " item" : " items"), note);
                } else if (value.value().size() > max) {
                    wrong(value, "is to have at most " + max + " items", note);
                } else {
                    for (Located each : value.items()) {
                        if (isGiven(each)) {
                            check(each, item, "");
                        } else {
                            problems.add(each.problem("is empty"));
                        }
                    }
                }
            }
            case MapOf(Shape item, int max) -> {
                if (!value.value().isObject()) {
                    wrong(value, "is to be an object", note);
                } else if (value.value().size() > max) {
                    wrong(value, "is to have at most " + max + " members", note);
                } else {
                    value.properties().forEach(member -> check(member.getValue(), item, ""));
                }
            }
            case Group(List<Setting> settings) -> {
                if (value.value().isObject()) {
                    check(value, settings, Set.of());
                } else {
                    wrong(value, "is to be an object", note);
                }
            }
            case Variants variants -> variant(value, variants, note);
            case TextOr(Variants variants) -> {
                if (!value.value().isTextual()) {
                    variant(value, variants, note);
                }
            }
        }
    }

    /// What stands there is not shown: it may be a secret itself.
    private void secret(Located value, String note) {
        if (value.text().filter(text -> SECRET_NAME.matcher(text).matches()).isEmpty()) {
            problems.add(value.problem("is to be the name of a secret, of letters, digits, '-', '_' and '.', and not a secret itself" + (note.isEmpty() ? "" : ": it is " + note)));
        } else {
            secrets.add(value);
        }
    }

    private void variant(Located value, Variants variants, String note) {
        if (!value.value().isObject()) {
            wrong(value, "is to be an object with a type", note);
            return;
        }
        Located type = type(value, variants);
        String name = type.text(variants.otherwise());
        Optional<Variant> variant = variants.find(name);
        String known = variants.variants().stream().filter(each -> each.refusal().isEmpty()).map(Variant::type).collect(Collectors.joining(", "));
        if (!type.isPresent() && variants.otherwise().isEmpty()) {
            problems.add(type.problem("is missing: it is one of " + known));
        } else if (variant.isEmpty()) {
            wrong(type, variants.variants().size() == 1 ? "is to be " + known : "is to be one of " + known, "");
        } else if (!variant.get().refusal().isEmpty()) {
            problems.add(type.problem("'" + variant.get().type() + "' is not supported: " + variant.get().refusal()));
        } else {
            check(value, variant.get().settings(), Set.copyOf(variants.named()));
        }
    }

    /// What says which of its variants a value is.
    static Located type(Located value, Variants variants) {
        for (String name : variants.named()) {
            Located type = value.at(name);
            if (type.isPresent()) {
                // a format may be an object of its own
                return type.value().isObject() ? type.at("type") : type;
            }
        }
        return value.at(variants.named().getFirst());
    }

    private void wrong(Located value, String what, String note) {
        // what is wrong with a path names it, and with an expression its place
        String found = what.startsWith("'") || what.startsWith("is no jq") ? "" : found(value.value());
        problems.add(value.problem(what + found + (note.isEmpty() || what.startsWith("is no jq") ? "" : ": it is " + note)));
    }

    private static String found(JsonNode value) {
        if (value.isObject()) {
            return ", found an object";
        }
        if (value.isArray()) {
            return value.isEmpty() ? ", found an empty list" : ", found a list";
        }
        String shown = value.toString();
        return ", found " + (shown.length() > SHOWN_MAX ? shown.substring(0, SHOWN_MAX) + "…" : shown);
    }

    private static Optional<String> misfit(Located value, Kind kind) {
        Optional<String> text = value.text();
        return switch (kind) {
            case ANY -> Optional.empty();
            case FLAG -> unless(value.flag().isPresent(), kind);
            case OBJECT -> unless(value.value().isObject(), kind);
            case TEXT, SECRET -> unless(text.isPresent(), kind);
            case EXPRESSION -> text.isPresent() ? badExpression(text.get()) : unless(value.value().isNumber(), kind);
            case PATH -> text.isEmpty() ? unless(false, kind) : badPath(text.get());
            case DURATION -> unless(text.flatMap(Durations::parse).filter(Duration::isPositive).isPresent(), kind);
            case URL -> unless(text.flatMap(SettingsCheck::uri).filter(uri -> isHttp(uri) && uri.getHost() != null).isPresent(), kind);
            case BROKER -> unless(text.flatMap(SettingsCheck::uri).filter(uri -> uri.getScheme() != null
                    && BROKER_SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT)) && uri.getHost() != null).isPresent(), kind);
            case TOPIC_FILTER -> unless(text.filter(SettingsCheck::isTopicFilter).isPresent(), kind);
            case TEMPLATE -> text.isEmpty() ? unless(false, kind) : badTemplate(new FileTemplate(text.get()));
            case BASE64 -> unless(text.filter(SettingsCheck::isBase64).isPresent(), kind);
        };
    }

    private static Optional<String> unless(boolean fits, Kind kind) {
        return fits ? Optional.empty() : Optional.of("is to be " + kind.title());
    }

    private static Optional<String> badPath(String text) {
        try {
            Path.parse(text);
            return Optional.empty();
        } catch (InvalidPathException wrong) {
            return Optional.of(wrong.getMessage());
        }
    }

    private static Optional<String> badExpression(String text) {
        try {
            Program.compile(text);
            return Optional.empty();
        } catch (JqSyntaxException wrong) {
            return Optional.of("is no jq expression: " + wrong.getMessage());
        }
    }

    private static boolean isHttp(URI uri) {
        return "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
    }

    private static Optional<URI> uri(String text) {
        try {
            return Optional.of(new URI(text.strip()));
        } catch (URISyntaxException none) {
            return Optional.empty();
        }
    }

    private static boolean isTopicFilter(String filter) {
        String[] levels = filter.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            boolean isWildcard = levels[i].equals("+") || levels[i].equals("#") && i == levels.length - 1;
            if (!isWildcard && (levels[i].contains("+") || levels[i].contains("#"))) {
                return false;
            }
        }
        boolean isShared = levels[0].equals("$share");
        return filter.indexOf('\0') < 0 && (!isShared || levels.length > 2 && !levels[1].isEmpty() && !levels[1].equals("+"));
    }

    private static Optional<String> badTemplate(FileTemplate template) {
        List<String> names = template.names();
        List<String> missing = new ArrayList<>(FileTemplate.NAMES);
        missing.removeAll(names);
        List<String> unknown = new ArrayList<>(names);
        unknown.removeAll(FileTemplate.NAMES);
        if (!unknown.isEmpty()) {
            return Optional.of("names " + unknown + ", which " + (unknown.size() == 1 ? "is" : "are") + " not known");
        }
        return missing.isEmpty() ? Optional.empty() : Optional.of("is to name " + missing + " too");
    }

    private static boolean isBase64(String text) {
        try {
            Base64.getMimeDecoder().decode(text);
            return true;
        } catch (IllegalArgumentException no) {
            return false;
        }
    }
}
