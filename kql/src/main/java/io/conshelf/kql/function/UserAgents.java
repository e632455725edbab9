package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Interruption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a user-agent string tells of a browser, a system and a device, by the regular expressions of the ua-parser project,
/// which is what the service's answers come from too. They are read with the first string, and run in linear time.
final class UserAgents {
    /// As much as web servers take of a header's line; what is behind it is not looked at.
    private static final int LENGTH_MAX = 8 << 10;

    static final Set<String> TARGETS = Set.of("browser", "os", "device");

    /// Strings come again and again, so those of a vector are parsed once each.
    static final List<Kernel> KERNELS = List.of(kernel("kql_user_agent", DYNAMIC, HashMap<String, String>::new, (known, in, row, out) -> {
        String agent = in.text(0, row);
        String wanted = in.text(1, row);
        out.text(row, known.computeIfAbsent(wanted + '\n' + agent, _ -> answer(agent, wanted)));
    }, STRING, STRING));

    private UserAgents() {}

    /// One expression, and what its groups become.
    private record Rule(Pattern pattern, Map<String, String> replacements) {
        /// A part of the answer: by its replacement, or else by its group; empty where there is neither.
        String part(Matcher found, String replacement, int group) {
            String text = replacements.getOrDefault(replacement, "");
            if (text.isEmpty()) {
                return group > 0 ? group(found, group) : "";
            }
            // What a group holds is the client's, and not expanded again.
            StringBuilder expanded = new StringBuilder();
            for (int i = 0; i < text.length(); i++) {
                int digit = text.charAt(i) == '$' && i + 1 < text.length() ? text.charAt(i + 1) - '0' : 0;
                if (digit >= 1 && digit <= 9) {
                    expanded.append(group(found, digit));
                    i++;
                } else {
                    expanded.append(text.charAt(i));
                }
            }
            return expanded.toString().strip();
        }

        private static String group(Matcher found, int group) {
            String text = group <= found.groupCount() ? found.group(group) : null;
            return text == null ? "" : text;
        }
    }

    /// Read when the first string is parsed: there are more than a thousand.
    private static final class Rules {
        private static final Map<String, List<Rule>> BY_SECTION = read();

        private static Map<String, List<Rule>> read() {
            try (InputStream in = UserAgents.class.getResourceAsStream("/ua_parser/regexes.yaml")) {
                if (in == null) {
                    throw new AssertionError("the expressions of ua-parser are not on the class path");
                }
                return rules(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        /// The file is a small part of YAML: sections of entries of quoted texts, a line each.
        private static Map<String, List<Rule>> rules(String text) {
            Map<String, List<Map<String, String>>> sections = new HashMap<>();
            List<Map<String, String>> section = new ArrayList<>();
            for (String line : text.lines().map(String::strip).filter(line -> !line.isEmpty() && !line.startsWith("#")).toList()) {
                if (line.endsWith("_parsers:")) {
                    section = new ArrayList<>();
                    sections.put(line, section);
                    continue;
                }
                boolean begins = line.startsWith("- ");
                String entry = begins ? line.substring(2) : line;
                int colon = entry.indexOf(": '");
                if (colon < 0 || !entry.endsWith("'")) {
                    throw new AssertionError("a line of ua-parser's expressions is of another form: " + line);
                }
                if (begins) {
                    section.add(new HashMap<>());
                }
                section.getLast().put(entry.substring(0, colon), entry.substring(colon + 3, entry.length() - 1).replace("''", "'"));
            }
            Map<String, List<Rule>> rules = new HashMap<>();
            sections.forEach((name, entries) -> rules.put(name, entries.stream().map(Rules::rule).toList()));
            return rules;
        }

        private static Rule rule(Map<String, String> entry) {
            int flags = "i".equals(entry.get("regex_flag")) ? Pattern.CASE_INSENSITIVE : 0;
            return new Rule(Pattern.compile(entry.getOrDefault("regex", ""), flags), entry);
        }
    }

    /// @param part     the name in the answer
    /// @param property the replacement in the rules
    /// @param group    what stands for the part without a replacement; 0 for nothing
    private record Part(String part, String property, int group) {}

    private static final List<Part> BROWSER = List.of(new Part("Family", "family_replacement", 1), new Part("MajorVersion", "v1_replacement", 2),
            new Part("MinorVersion", "v2_replacement", 3), new Part("Patch", "v3_replacement", 4));
    private static final List<Part> SYSTEM = List.of(new Part("Family", "os_replacement", 1), new Part("MajorVersion", "os_v1_replacement", 2),
            new Part("MinorVersion", "os_v2_replacement", 3), new Part("Patch", "os_v3_replacement", 4), new Part("PatchMinor", "os_v4_replacement", 5));
    private static final List<Part> DEVICE = List.of(new Part("Family", "device_replacement", 1), new Part("Brand", "brand_replacement", 0),
            new Part("Model", "model_replacement", 1));

    /// @param wanted the name of a target, or an array of names; unknown ones find nothing
    private static String answer(String agent, String wanted) {
        String text = agent.length() > LENGTH_MAX ? agent.substring(0, LENGTH_MAX) : agent;
        List<String> targets = DynamicParts.isArray(wanted)
                ? DynamicParts.elements(wanted).stream().map(target -> DynamicText.stringValue(target).orElse("")).toList()
                : List.of(wanted);
        Map<String, String> all = new LinkedHashMap<>();
        if (targets.contains("browser")) {
            all.put("Browser", found("user_agent_parsers:", text, BROWSER));
        }
        if (targets.contains("os")) {
            all.put("OperatingSystem", found("os_parsers:", text, SYSTEM));
        }
        if (targets.contains("device")) {
            all.put("Device", found("device_parsers:", text, DEVICE));
        }
        return DynamicParts.bag(all);
    }

    /// By the first rule that fits; what none fits is of the family `Other`.
    private static String found(String section, String text, List<Part> parts) {
        Map<String, String> bag = new LinkedHashMap<>();
        parts.forEach(part -> bag.put(part.part, DynamicText.ofString(part.part.equals("Family") ? "Other" : "")));
        for (Rule rule : Rules.BY_SECTION.getOrDefault(section, List.of())) {
            Interruption.look();
            Matcher matcher = rule.pattern.matcher(text);
            if (matcher.find()) {
                parts.forEach(part -> bag.put(part.part, DynamicText.ofString(rule.part(matcher, part.property, part.group))));
                break;
            }
        }
        return DynamicParts.bag(bag);
    }
}
