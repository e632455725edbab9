package io.conshelf.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Hides what others may not see of a text: string literals written as `h'…'`, which are shown to nobody who does not ask for
/// them and may, and what opens storage and servers in URIs and connection strings.
public final class ObfuscatedText {
    private static final String HIDDEN = "*****";

    /// No secret is this long.
    private static final int CUT_OFF_CHARS = 4_096;

    // Possessive, so that a long literal costs no stack. A literal cut off at its end is hidden too.
    private static final Pattern LITERAL = Pattern.compile("""
            \\b[hH](?:@"[^"]*+(?:""[^"]*+)*+(?:"|\\z)|@'[^']*+(?:''[^']*+)*+(?:'|\\z)|```.*?(?:```|\\z)|~~~.*?(?:~~~|\\z)\
            |"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+(?:"|\\z)|'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+(?:'|\\z))""", Pattern.DOTALL);

    // The query of a URI that is signed, and what follows a URI's semicolon.
    private static final Pattern SIGNED = Pattern.compile("(?i)(\\b[a-z][a-z0-9+.-]{1,20}://[^\\s'\"?;]*+)[?;][^\\s'\"]*+");
    private static final Pattern USER_INFO = Pattern.compile("(?i)(\\b[a-z][a-z0-9+.-]{1,20}://[^\\s/'\"?;@:]*+:)[^\\s/'\"@]++@");

    // Settings of connection strings that are secret, as ADO.NET, storage and Kusto name them.
    private static final String SECRET = "(?:password|pwd|account ?key|shared ?access ?(?:key|signature)|access ?token|client ?secret"
            + "|app(?:lication)? ?key|(?:user|app(?:lication)?) ?token)";
    // Other names that are secret where a value of their own follows.
    private static final String NAMED = "(?:" + SECRET + "|token|sas ?token|sig|secret)";
    private static final String EQUALS = "\\s*+=(?![=~])\\s*+";

    // In a connection string: a value in quotes may hold semicolons, and its quote twice.
    private static final Pattern SETTING = Pattern.compile("(?i)((?<![\\w])" + NAMED + EQUALS + ")"
            + "((?:\\\\*+\"[^\"]*+(?:\"\"[^\"]*+)*+(?:\"|\\z)|\\\\*+'[^']*+(?:''[^']*+)*+(?:'|\\z))[^;]*+|[^;]++)");

    private static final String LITERAL_OF_ANY_KIND = "```.*?(?:```|\\z)|~~~.*?(?:~~~|\\z)"
            + "|@\"[^\"\\n]*+(?:\"\"[^\"\\n]*+)*+(?:\"|(?=\\n)|\\z)|@'[^'\\n]*+(?:''[^'\\n]*+)*+(?:'|(?=\\n)|\\z)"
            + "|\"[^\"\\\\\\n]*+(?:\\\\.[^\"\\\\\\n]*+)*+(?:\"|(?=\\n)|\\\\?\\z)|'[^'\\\\\\n]*+(?:\\\\.[^'\\\\\\n]*+)*+(?:'|(?=\\n)|\\\\?\\z)";

    // In a request or a message: comments, literals with the name of a secret before them or without, and settings outside.
    private static final Pattern TOKEN = Pattern.compile("(?is)"
            + "(?<comment>(?<!:)//[^\\n]*+)"
            + "|(?<name>(?<![\\w])" + NAMED + EQUALS + ")h?(?<value>" + LITERAL_OF_ANY_KIND + ")"
            + "|(?<hidden>\\bh(?:" + LITERAL_OF_ANY_KIND + "))"
            + "|(?<literal>" + LITERAL_OF_ANY_KIND + ")"
            + "|(?<setting>(?<![\\w])" + SECRET + EQUALS + ")[^\\s;][^;\\n]*+"
            + "|(?<named>(?<![\\w])" + NAMED + "=)[\\w.~+/%=-]{8,}+(?!\\()");

    // Where an apostrophe of a sentence was taken for the beginning of a literal, a secret may stand behind its end.
    private static final Pattern BEHIND = Pattern.compile("(?i)((?<![\\w])" + SECRET + EQUALS + "(?:\\*{5})?+\\\\*+([\"']))[^\\s;,)\\]}'\"*][^;\\n]*+");

    private ObfuscatedText() {}

    /// A request's text, or what is said of it, as others may see it: also without what opens the storage and the servers that it
    /// names.
    public static String ofRequest(String text) {
        var out = new StringBuilder();
        Matcher token = TOKEN.matcher(text);
        while (token.find()) {
            token.appendReplacement(out, Matcher.quoteReplacement(shown(token)));
        }
        return BEHIND.matcher(withoutUris(masked(token.appendTail(out).toString()))).replaceAll("$1" + HIDDEN);
    }

    /// The beginning of what [#ofRequest(String)] gives, a little less of it where much of it is hidden. What comes long after it
    /// is not looked at: a request may have megabytes.
    public static String ofRequest(String text, int charsMax) {
        // What is hidden may have been longer than the signs for it.
        long looked = charsMax + 2L * CUT_OFF_CHARS;
        if (text.length() <= looked) {
            return shortened(ofRequest(text), charsMax);
        }
        String beginning = ofRequest(text.substring(0, (int) looked));
        // At the cut the sign may be missing that tells a secret, such as the '@' behind a password.
        boolean endsHidden = beginning.endsWith(HIDDEN) || beginning.endsWith(HIDDEN + "'");
        return shortened(beginning, endsHidden ? charsMax : Math.clamp(beginning.length() - CUT_OFF_CHARS, 0, charsMax));
    }

    private static String shortened(String text, int charsMax) {
        return text.length() <= charsMax ? text : text.substring(0, charsMax);
    }

    /// A connection string as others may see it.
    public static String ofConnection(String text) {
        return withoutUris(SETTING.matcher(text).replaceAll("$1**" + HIDDEN));
    }

    public static String masked(String text) {
        return LITERAL.matcher(text).replaceAll("h'" + HIDDEN + "'");
    }

    private static String withoutUris(String text) {
        return USER_INFO.matcher(SIGNED.matcher(text).replaceAll("$1?" + HIDDEN)).replaceAll("$1" + HIDDEN + "@");
    }

    private static String shown(Matcher token) {
        if (token.group("comment") != null) {
            return SETTING.matcher(token.group()).replaceAll("$1" + HIDDEN);
        }
        if (token.group("setting") != null) {
            return token.group("setting") + HIDDEN;
        }
        if (token.group("named") != null) {
            return token.group("named") + HIDDEN;
        }
        if (token.group("name") != null) {
            return token.group("name") + (content(token.group("value")).isEmpty() ? token.group("value") : "'" + HIDDEN + "'");
        }
        if (token.group("hidden") != null) {
            return "h'" + HIDDEN + "'";
        }
        String literal = token.group("literal");
        String content = content(literal);
        if (content.indexOf('=') < 0) {
            return literal;
        }
        String hidden = SETTING.matcher(content).replaceAll("$1" + HIDDEN);
        return hidden.equals(content) ? literal : written(literal, hidden);
    }

    /// What a literal says: its escapes may be those of a connection string's quotes.
    private static String content(String literal) {
        int quotes = literal.startsWith("```") || literal.startsWith("~~~") ? 3 : literal.startsWith("@") ? 2 : 1;
        String closing = quotes == 3 ? literal.substring(0, 3) : literal.substring(quotes - 1, quotes);
        boolean isClosed = literal.length() >= quotes + closing.length() && literal.endsWith(closing);
        String inner = literal.substring(quotes, literal.length() - (isClosed ? closing.length() : 0));
        return switch (quotes) {
            case 3 -> inner;
            case 2 -> inner.replace(closing + closing, closing);
            default -> inner.indexOf('\\') < 0 ? inner : inner.replaceAll("\\\\([\\\\'\"])", "$1");
        };
    }

    /// The same kind of literal with another content.
    private static String written(String literal, String content) {
        if (literal.startsWith("@")) {
            String quote = literal.substring(1, 2);
            return "@" + quote + content.replace(quote, quote + quote) + quote;
        }
        if (literal.startsWith("```") || literal.startsWith("~~~")) {
            return literal.substring(0, 3) + content + literal.substring(0, 3);
        }
        String quote = literal.substring(0, 1);
        return quote + content.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote;
    }
}
