package io.conshelf.connectors.definition;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/// Reads the JSON text of definitions.
public final class DefinitionText {
    // What walks a definition recurses once a level.
    private static final int NESTING_MAX = 200;
    /// What is said of a number whose exponent no decimal has, such as 1E99999999999: Jackson lets it through as another kind of failure, without a place.
    public static final String BEYOND_NUMBERS = "a number is beyond what numbers can be";
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(NESTING_MAX).build()).build();
    private static final JsonMapper STRICT = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();
    private static final JsonMapper COMMENTED = STRICT.rebuild().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA,
            JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS).build();
    private static final JsonMapper LENIENT = STRICT.rebuild()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS,
                    JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER, JsonReadFeature.ALLOW_LEADING_ZEROS_FOR_NUMBERS)
            .disable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private DefinitionText() {}

    public static JsonNode read(String text, Reading reading) throws JsonProcessingException {
        // Editors of Windows put a mark in front.
        String unmarked = text.startsWith("\uFEFF") ? text.substring(1) : text;
        try {
            return switch (reading) {
                case STRICT -> STRICT.readTree(unmarked);
                case COMMENTED -> COMMENTED.readTree(unmarked);
                case LENIENT -> LENIENT.readTree(Article.clean(unmarked));
            };
        } catch (NumberFormatException beyond) {
            throw new JsonParseException(null, BEYOND_NUMBERS);
        }
    }

    /// What is told of a text that is no JSON.
    public static Problem problem(String file, JsonProcessingException notJson) {
        String at = notJson.getLocation() == null ? "" : "line " + notJson.getLocation().getLineNr() + ", column " + notJson.getLocation().getColumnNr();
        return new Problem(file, at, "is not JSON: " + reason(notJson));
    }

    /// Why a text is no JSON, without the classes and settings that the library names where it makes a tree of it.
    public static String reason(JsonProcessingException notJson) {
        return notJson.getOriginalMessage().replaceAll(" \\(bound as [^)]*\\)| for `ObjectNode`|: not allowed [^\\n]*DeserializationFeature[^\\n]*", "");
    }

    /// Turns what articles print into JSON, character by character, so that lines and columns stay where they are.
    private static final class Article {
        private final String text;
        private final StringBuilder cleaned = new StringBuilder();
        private int at;

        private Article(String text) {
            this.text = text;
        }

        static String clean(String text) {
            String json = commas(new Article(text).withoutExtras());
            // `"activities": […]` stands alone in many articles.
            return json.stripLeading().startsWith("\"") && json.contains(":") ? "{" + json + "}" : json;
        }

        private String withoutExtras() {
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '"' || c == '\'') {
                    keep(stringEnd(at) - at);
                } else if (text.startsWith("//", at) || c == '#') {
                    blank(lineEnd(at) - at);
                } else if (text.startsWith("/*", at)) {
                    int end = text.indexOf("*/", at + 2);
                    blank((end < 0 ? text.length() : end + 2) - at);
                } else if (text.startsWith("...", at)) {
                    blank(3);
                } else if (c == '…') {
                    blank(1);
                } else if (c == '<' && text.indexOf('>', at) > 0 && text.indexOf('>', at) < lineEnd(at)) {
                    placeholder(text.indexOf('>', at) + 1 - at);
                } else {
                    keep(1);
                }
            }
            return cleaned.toString();
        }

        private int stringEnd(int open) {
            char quote = text.charAt(open);
            for (int i = open + 1; i < text.length(); i++) {
                if (text.charAt(i) == '\\') {
                    i++;
                } else if (text.charAt(i) == quote) {
                    return i + 1;
                }
            }
            return text.length();
        }

        private int lineEnd(int from) {
            int end = text.indexOf('\n', from);
            return end < 0 ? text.length() : end;
        }

        private void keep(int length) {
            cleaned.append(text, at, at + length);
            at += length;
        }

        private void blank(int length) {
            for (int i = at; i < at + length; i++) {
                cleaned.append(text.charAt(i) == '\n' ? '\n' : ' ');
            }
            at += length;
        }

        /// A placeholder where a value stands is null, anywhere else nothing.
        private void placeholder(int length) {
            int before = cleaned.length() - 1;
            while (before >= 0 && Character.isWhitespace(cleaned.charAt(before))) {
                before--;
            }
            boolean isValue = before >= 0 && cleaned.charAt(before) == ':';
            if (isValue && length >= 4) {
                cleaned.append("null").repeat(" ", length - 4);
                at += length;
            } else {
                blank(length);
            }
        }

        /// Blanks commas that have nothing in front of them or behind.
        private static String commas(String json) {
            StringBuilder kept = new StringBuilder(json);
            int open = -1;
            char last = '[';
            boolean isEmpty = true;
            for (int i = 0; i < json.length(); i++) {
                char c = json.charAt(i);
                if (c == '"' || c == '\'') {
                    int end = new Article(json).stringEnd(i);
                    i = end - 1;
                    c = '"';
                }
                if (Character.isWhitespace(c)) {
                    continue;
                }
                if (c == ',') {
                    if (isEmpty || last == ',' || last == '{' || last == '[') {
                        kept.setCharAt(i, ' ');
                        continue;
                    }
                    open = i;
                } else if ((c == '}' || c == ']') && last == ',') {
                    kept.setCharAt(open, ' ');
                }
                isEmpty = false;
                last = c;
            }
            if (last == ',' && open >= 0) {
                kept.setCharAt(open, ' ');
            }
            return kept.toString();
        }
    }
}
