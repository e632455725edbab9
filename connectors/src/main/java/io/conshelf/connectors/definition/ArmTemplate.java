package io.conshelf.connectors.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Reads an ARM template: what Azure deploys, and what galleries hold. Templates that it links to are read where they lie beside it, as an export
/// that is cut into parts has them; nothing is fetched.
///
/// A parameter that has no value and no default leaves out the property it stands for: templates with alternatives rely on it.
public final class ArmTemplate {
    private static final String DEPLOYMENTS = "microsoft.resources/deployments";
    private static final Set<String> OF_THE_DEPLOYMENT =
            Set.of("name", "type", "apiversion", "dependson", "resources", "condition", "comments", "scope");

    private static final int LINKS_MAX = 1_000;
    /// The name of a file at the end of an address, which may be put together: `[concat(parameters('containerUri'), '/part.json', …)]`.
    private static final Pattern LINKED_FILE = Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9._-]*\\.json)(?![A-Za-z0-9._-])");

    private final Path folder;
    private final Reading reading;
    private final Located root;
    private final Map<String, JsonNode> values = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> remarks = new ArrayList<>();
    /// Secrets without a value, of the resource that is read just now.
    private final List<Problem> missingSecrets = new ArrayList<>();

    private ArmTemplate(Located root, Path folder, Reading reading) {
        this.root = root;
        this.folder = folder;
        this.reading = reading;
    }

    /// What a template is deployed with.
    ///
    /// @param file   a parameters file
    /// @param stated values by name as a command line gives them: text, and JSON where the template asks for an object, array, number or flag
    public record Given(Optional<Path> file, Map<String, String> stated) {
        public static Given nothing() {
            return new Given(Optional.empty(), Map.of());
        }
    }

    /// True when the file says that it is a template, not a resource.
    public static boolean isTemplate(Path file) {
        try {
            return Files.isRegularFile(file) && isTemplate(DefinitionText.read(Files.readString(file), Reading.LENIENT));
        } catch (IOException unreadable) {
            return false;
        }
    }

    private static boolean isTemplate(JsonNode json) {
        return json.path("$schema").asText().toLowerCase(Locale.ROOT).contains("deploymenttemplate.json") || json.path("resources").isArray();
    }

    /// What becomes of the resources.
    public interface Receiver {
        /// The whole type of a resource, which templates may write short.
        ///
        /// @param parentType the whole type of the resource that it is written in; empty at the top
        String type(String stated, String parentType);

        /// Whether a resource is to be read. What is not is not evaluated either.
        ///
        /// @param at where the type stands
        boolean isWanted(String type, Located at);

        void resource(Deployed resource);
    }

    /// A resource with its expressions evaluated.
    ///
    /// @param name           whole: the names of a child's parents stand in front of its own, with slashes
    /// @param nameAt         where it stands
    /// @param definition     its own name, and everything that is not about the deployment
    /// @param missingSecrets secure parameters without a value, whose properties are left out
    public record Deployed(String type, String name, Located nameAt, Located definition, List<Problem> missingSecrets) {
        public Deployed {
            missingSecrets = List.copyOf(missingSecrets);
        }

        /// The name without those of the parents.
        public String ownName() {
            return name.substring(name.lastIndexOf('/') + 1);
        }
    }

    /// Reads a template and takes its parameters; what is wrong with them is among [#problems].
    ///
    /// @throws InvalidDefinitionException where it cannot be read at all
    public static ArmTemplate open(Path file, Given given, Reading reading) throws InvalidDefinitionException {
        String shown = file.getFileName().toString();
        try {
            Located root = root(file, reading);
            Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
            ArmTemplate template = new ArmTemplate(root, folder, reading);
            template.give(given);
            return template;
        } catch (JsonProcessingException notJson) {
            throw new InvalidDefinitionException(List.of(DefinitionText.problem(shown, notJson)));
        } catch (IOException failure) {
            throw new InvalidDefinitionException(List.of(new Problem(file.toString(), "", "cannot be read: " + failure.getMessage())));
        }
    }

    private static Located root(Path file, Reading reading) throws IOException, InvalidDefinitionException {
        Located root = new Located(file.getFileName().toString(), "", DefinitionText.read(Files.readString(file), reading));
        if (!isTemplate(root.value())) {
            throw new InvalidDefinitionException(List.of(root.problem("is not an ARM template: it has no 'resources'")));
        }
        return root;
    }

    /// What cannot be deployed.
    public List<Problem> problems() {
        return List.copyOf(problems);
    }

    /// What is left out, and why.
    public List<Problem> remarks() {
        return List.copyOf(remarks);
    }

    public boolean declares(String parameter) {
        return root.at("parameters").at(parameter).isPresent();
    }

    /// The text that a parameter has, by its value or its default; empty where the template does not declare it, too. What is wrong with the
    /// default is one of the problems.
    public Optional<String> parameter(String name) {
        Optional<String> declared = root.at("parameters").properties().stream().map(Map.Entry::getKey).filter(name::equalsIgnoreCase).findFirst();
        try {
            return declared.flatMap(found -> new ArmExpressions(root, values).parameter(found)).filter(JsonNode::isTextual).map(JsonNode::textValue);
        } catch (ArmException wrong) {
            problems.add(unevaluated(root.at("parameters").at(name).at("defaultValue"), wrong));
            return Optional.empty();
        }
    }

    private static Problem unevaluated(Located stated, ArmException wrong) {
        return stated.problem("the template expression cannot be evaluated: " + wrong.getMessage() + " (character " + (wrong.at() + 1) + ")");
    }

    /// Takes the values from the parameters file and the command line, which comes last.
    private void give(Given given) throws InvalidDefinitionException {
        Map<String, Located> declared = new LinkedHashMap<>();
        root.at("parameters").properties().forEach(entry -> declared.put(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue()));
        if (given.file().isPresent()) {
            fromFile(given.file().get(), declared);
        }
        given.stated().forEach((name, text) -> {
            Located declaration = declared.get(name.toLowerCase(Locale.ROOT));
            if (declaration == null) {
                problems.add(root.at("parameters").problem("the template has no parameter '" + name + "'; it has " + declared.values().stream()
                        .map(Located::path).map(path -> path.substring(path.indexOf('.') + 1)).toList()));
                return;
            }
            parse(declaration, name, text).ifPresent(value -> values.put(name.toLowerCase(Locale.ROOT), value));
        });
    }

    private void fromFile(Path file, Map<String, Located> declared) throws InvalidDefinitionException {
        String shown = file.getFileName().toString();
        try {
            Located parameters = new Located(shown, "", DefinitionText.read(Files.readString(file), Reading.LENIENT)).at("parameters");
            for (Map.Entry<String, Located> entry : parameters.properties()) {
                if (!declared.containsKey(entry.getKey().toLowerCase(Locale.ROOT))) {
                    problems.add(entry.getValue().problem("the template has no parameter '" + entry.getKey() + "'"));
                } else if (entry.getValue().at("reference").isPresent()) {
                    problems.add(entry.getValue().at("reference").problem("values from a key vault are not read for a template; give '"
                            + entry.getKey() + "' on the command line"));
                } else if (entry.getValue().at("value").isPresent()) {
                    values.put(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue().at("value").value());
                }
            }
        } catch (JsonProcessingException notJson) {
            throw new InvalidDefinitionException(List.of(DefinitionText.problem(shown, notJson)));
        } catch (IOException failure) {
            throw new InvalidDefinitionException(List.of(new Problem(file.toString(), "", "cannot be read: " + failure.getMessage())));
        }
    }

    private Optional<JsonNode> parse(Located declaration, String name, String text) {
        String type = declaration.at("type").text("string").toLowerCase(Locale.ROOT);
        try {
            JsonNode value = switch (type) {
                case "int" -> DecimalNode.valueOf(new BigDecimal(text.strip()).setScale(0));
                case "bool" -> BooleanNode.valueOf(Boolean.parseBoolean(text.strip()));
                case "object", "secureobject", "array" -> DefinitionText.read(text, Reading.STRICT);
                default -> TextNode.valueOf(text);
            };
            boolean fits = switch (type) {
                case "object", "secureobject" -> value.isObject();
                case "array" -> value.isArray();
                case "bool" -> text.strip().matches("(?i)true|false");
                default -> true;
            };
            if (fits) {
                return Optional.of(value);
            }
        } catch (NumberFormatException | ArithmeticException | JsonProcessingException wrong) {
            // told below, with the type
        }
        problems.add(declaration.problem("the template parameter '" + name + "' is of type " + type + ", and the value given is not one"));
        return Optional.empty();
    }

    /// Hands out the resources, those written in others after them.
    public void read(Receiver receiver) {
        new Walk(receiver).resources(root, new ArmExpressions(root, values));
    }

    private final class Walk {
        private final Receiver receiver;
        /// Those that are being read: one may lead to itself.
        private final Deque<Path> linked = new ArrayDeque<>();
        private int links;

        private Walk(Receiver receiver) {
            this.receiver = receiver;
        }

        private void resources(Located template, ArmExpressions expressions) {
            Located all = template.at("resources");
            List<Located> list = all.value().isObject() ? all.properties().stream().map(Map.Entry::getValue).toList() : all.items();
            list.forEach(resource -> resource(resource, "", "", expressions));
        }

        private void resource(Located stated, String parentType, String parentName, ArmExpressions expressions) {
            if (stated.at("copy").isPresent()) {
                problems.add(stated.at("copy").problem("resources in a copy loop are not unrolled; write them out"));
                return;
            }
            Located condition = evaluate(stated.at("condition"), expressions);
            if (condition.flag().map(flag -> !flag).orElse(false)) {
                return;
            }
            String type = receiver.type(evaluate(stated.at("type"), expressions).text(""), parentType);
            if (type.equalsIgnoreCase(DEPLOYMENTS)) {
                deployment(stated, expressions);
                return;
            }
            if (!receiver.isWanted(type, stated.at("type"))) {
                return;
            }
            String name = evaluate(stated.at("name"), expressions.inNames()).text("");
            String own = name.substring(name.lastIndexOf('/') + 1);
            if (own.isBlank()) {
                problems.add(stated.at("name").problem("a resource of type '" + type + "' needs a name"));
                return;
            }
            String whole = parentName.isEmpty() || name.contains("/") ? name : parentName + "/" + name;
            missingSecrets.clear();
            Located definition = definition(stated, own, expressions);
            receiver.resource(new Deployed(type, whole, stated.at("name"), definition, missingSecrets));
            stated.at("resources").items().forEach(child -> resource(child, type, whole, expressions));
        }

        /// The resource as its file in git would be: the name alone, and nothing that is about the deployment.
        private Located definition(Located stated, String name, ArmExpressions expressions) {
            ObjectNode whole = JsonNodeFactory.instance.objectNode();
            whole.put("name", name);
            for (Map.Entry<String, Located> entry : stated.properties()) {
                if (!OF_THE_DEPLOYMENT.contains(entry.getKey().toLowerCase(Locale.ROOT))) {
                    JsonNode value = evaluate(entry.getValue(), expressions).value();
                    if (!value.isMissingNode()) {
                        whole.set(entry.getKey(), value);
                    }
                }
            }
            return new Located(stated.file(), stated.path(), whole);
        }

        private void deployment(Located stated, ArmExpressions outer) {
            Located properties = stated.at("properties");
            if (properties.at("templateLink").isPresent()) {
                linked(stated, properties, outer);
                return;
            }
            Located inner = properties.at("template");
            // Unless it asks for its own scope, an inner template sees the parameters of the outer one.
            boolean hasOwnScope = properties.at("expressionEvaluationOptions").at("scope").text("outer").equalsIgnoreCase("inner");
            resources(inner, hasOwnScope ? new ArmExpressions(inner, given(properties, outer)) : outer);
        }

        /// What a deployment gives to a template of its own scope.
        private Map<String, JsonNode> given(Located properties, ArmExpressions outer) {
            Map<String, JsonNode> given = new HashMap<>();
            int told = remarks.size();
            for (Map.Entry<String, Located> entry : properties.at("parameters").properties()) {
                Located value = evaluate(entry.getValue().at("value"), outer);
                if (value.isPresent()) {
                    given.put(entry.getKey().toLowerCase(Locale.ROOT), value.value());
                }
            }
            // What has no value here is told where it is used.
            remarks.subList(told, remarks.size()).clear();
            return given;
        }

        private void linked(Located stated, Located properties, ArmExpressions outer) {
            Located link = properties.at("templateLink");
            String name = evaluate(stated.at("name"), outer.inNames()).text("");
            Optional<String> file = Stream.of(link.at("relativePath").text(""), link.at("uri").text("").replaceFirst("\\?.*", ""))
                    .flatMap(text -> LINKED_FILE.matcher(text).results().map(found -> found.group(1))).reduce((_, last) -> last);
            Path path = file.map(folder::resolve).orElse(folder);
            if (!Files.isRegularFile(path)) {
                problems.add(link.problem("the linked template of deployment '" + name + "' is not fetched; "
                        + file.map(one -> "put '" + one + "' beside this file").orElse("import the file it links to")));
            } else if (properties.at("parametersLink").isPresent()) {
                problems.add(properties.at("parametersLink").problem("parameters that deployment '" + name + "' links to are not fetched; give them as 'parameters'"));
            } else if (linked.contains(path) || ++links > LINKS_MAX) {
                problems.add(link.problem("deployment '" + name + "' leads back to '" + file.orElseThrow() + "', or there are more than " + LINKS_MAX + " links"));
            } else {
                read(path, link, given(properties, outer));
            }
        }

        private void read(Path file, Located link, Map<String, JsonNode> given) {
            linked.push(file);
            try {
                Located part = root(file, reading);
                resources(part, new ArmExpressions(part, given));
            } catch (JsonProcessingException notJson) {
                problems.add(DefinitionText.problem(file.getFileName().toString(), notJson));
            } catch (InvalidDefinitionException noTemplate) {
                problems.addAll(noTemplate.problems());
            } catch (IOException failure) {
                problems.add(link.problem("'" + file + "' cannot be read: " + failure.getMessage()));
            } finally {
                linked.pop();
            }
        }
    }

    /// A value with its template expressions evaluated; missing where a parameter without a value stands alone.
    private Located evaluate(Located stated, ArmExpressions expressions) {
        JsonNode value = stated.value();
        JsonNode result = value;
        if (value.isTextual()) {
            try {
                result = expressions.value(value.textValue()).orElseGet(() -> {
                    Optional<String> secret = expressions.secret(value.textValue());
                    Problem left = stated.problem(secret.map(name -> "is left out: the template parameter '" + name
                            + "' has no value; give it with --template-param " + name + "=… or a parameters file")
                            .orElseGet(() -> "is left out: " + value.textValue() + " has no value here"));
                    remarks.add(left);
                    secret.ifPresent(_ -> missingSecrets.add(left));
                    return MissingNode.getInstance();
                });
            } catch (ArmException wrong) {
                problems.add(unevaluated(stated, wrong));
                result = MissingNode.getInstance();
            }
        } else if (value.isArray()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Located item : stated.items()) {
                JsonNode each = evaluate(item, expressions).value();
                if (!each.isMissingNode()) {
                    array.add(each);
                }
            }
            result = array;
        } else if (value.isObject()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (Map.Entry<String, Located> property : stated.properties()) {
                JsonNode each = evaluate(property.getValue(), expressions).value();
                if (!each.isMissingNode()) {
                    object.set(property.getKey(), each);
                }
            }
            result = object;
        }
        return new Located(stated.file(), stated.path(), result);
    }
}
