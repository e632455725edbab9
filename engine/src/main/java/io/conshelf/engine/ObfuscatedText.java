package io.conshelf.engine;

import java.util.regex.Pattern;

/// String literals written as `h'…'`, which are shown to nobody who does not ask for them and may.
public final class ObfuscatedText {
    // Possessive, so that a long literal costs no stack. A literal cut off at its end is hidden too.
    private static final Pattern LITERAL = Pattern.compile("""
            \\b[hH](?:@"[^"]*+(?:""[^"]*+)*+(?:"|\\z)|@'[^']*+(?:''[^']*+)*+(?:'|\\z)|```.*?(?:```|\\z)|~~~.*?(?:~~~|\\z)\
            |"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+(?:"|\\z)|'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+(?:'|\\z))""", Pattern.DOTALL);

    // The query of a URI that is signed, and what follows a URI's semicolon.
    private static final Pattern SECRET = Pattern.compile("(?i)(\\b[a-z][a-z0-9+.-]{1,20}://[^\\s'\"?;]*+)[?;][^\\s'\"]*+");

    // What opens a SQL server, in a connection string that is not obfuscated.
    private static final Pattern PASSWORD = Pattern.compile("(?i)\\b((?:password|pwd|accountkey)\\s*=\\s*)[^;'\"\\s][^;'\"]*+");

    private ObfuscatedText() {}

    /// A request's text as others may see it: also without what opens the storage it names.
    public static String ofRequest(String text) {
        return PASSWORD.matcher(SECRET.matcher(masked(text)).replaceAll("$1?*****")).replaceAll("$1*****");
    }

    public static String masked(String text) {
        return LITERAL.matcher(text).replaceAll("h'*****'");
    }
}
