package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes the template of a job ([JobExport]) in Bicep, the other language of Azure's deployments. Its parameters have names that the language takes: letters,
/// digits and underscores.
public final class BicepText {
    private static final Pattern PARAMETER = Pattern.compile("\\[parameters\\('((?:[^']|'')*)'\\)]");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String RAW = "'''";

    private final Map<String, String> names = new LinkedHashMap<>();
    private final StringBuilder text = new StringBuilder();

    /// @param text       the Bicep file
    /// @param parameters the values to deploy it with
    public record Written(String text, ObjectNode parameters) {}

    private BicepText() {}

    public static Written of(JobExport.Built built) {
        return new BicepText().written(built);
    }

    private Written written(JobExport.Built built) {
        Set<String> taken = new HashSet<>();
        built.template().path("parameters").properties().forEach(parameter -> {
            String name = name(parameter.getKey(), taken);
            names.put(parameter.getKey(), name);
            String type = parameter.getValue().path("type").asText();
            if (type.equals("securestring")) {
                text.append("@secure()\n");
            }
            text.append("param ").append(name).append(' ').append(type.equals("securestring") ? "string" : type).append('\n');
        });
        JsonNode resource = built.template().path("resources").path(0);
        text.append("\nresource job '").append(resource.path("type").asText()).append('@').append(resource.path("apiVersion").asText()).append("' = ");
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        resource.properties().stream().filter(property -> !property.getKey().equals("type") && !property.getKey().equals("apiVersion"))
                .forEach(property -> body.set(property.getKey(), property.getValue()));
        value(body, 0);
        text.append('\n');
        return new Written(text.toString(), parameters(built.parameters()));
    }

    private static String name(String parameter, Set<String> taken) {
        String plain = parameter.replaceAll("[^A-Za-z0-9_]", "_");
        String name = plain;
        // names that differ in what the language does not take, or in case
        for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
            name = plain + "_" + i;
        }
        return name;
    }

    private ObjectNode parameters(ObjectNode stated) {
        ObjectNode parameters = stated.deepCopy();
        ObjectNode values = parameters.putObject("parameters");
        stated.path("parameters").properties().forEach(value -> values.set(names.get(value.getKey()), value.getValue()));
        return parameters;
    }

    private void value(JsonNode value, int depth) {
        switch (value.getNodeType()) {
            case OBJECT -> {
                text.append('{');
                value.properties().forEach(member -> {
                    line(depth + 1);
                    text.append(NAME.matcher(member.getKey()).matches() ? member.getKey() : quoted(member.getKey())).append(": ");
                    value(member.getValue(), depth + 1);
                });
                if (!value.isEmpty()) {
                    line(depth);
                }
                text.append('}');
            }
            case ARRAY -> {
                text.append('[');
                value.forEach(element -> {
                    line(depth + 1);
                    value(element, depth + 1);
                });
                if (!value.isEmpty()) {
                    line(depth);
                }
                text.append(']');
            }
            case STRING -> text(value.textValue());
            // the language has whole numbers alone
            case NUMBER -> text.append(value.isIntegralNumber() ? value.asText() : "json('" + value.asText() + "')");
            case BOOLEAN, NULL -> text.append(value.asText());
            case BINARY, MISSING, POJO -> throw new AssertionError("a template is plain JSON");
        }
    }

    private void line(int depth) {
        text.append('\n').append("  ".repeat(depth));
    }

    private void text(String value) {
        Matcher parameter = PARAMETER.matcher(value);
        if (parameter.matches()) {
            text.append(names.get(parameter.group(1).replace("''", "'")));
            return;
        }
        // in a template one bracket stands for an expression and two for one
        String plain = value.startsWith("[[") ? value.substring(1) : value;
        boolean isRaw = plain.contains("\n") && !plain.contains("\r") && !plain.contains(RAW) && !plain.endsWith("'");
        text.append(isRaw ? RAW + "\n" + plain + RAW : quoted(plain));
    }

    private static String quoted(String value) {
        StringBuilder quoted = new StringBuilder("'");
        value.codePoints().forEach(character -> {
            switch (character) {
                case '\'' -> quoted.append("\\'");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (Character.isISOControl(character)) {
                        quoted.append("\\u{").append(Integer.toHexString(character)).append('}');
                    } else {
                        quoted.appendCodePoint(character);
                    }
                }
            }
        });
        // what would be put in there
        return quoted.append('\'').toString().replace("${", "\\${");
    }
}
