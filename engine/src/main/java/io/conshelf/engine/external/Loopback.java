package io.conshelf.engine.external;

import java.util.regex.Pattern;

/// Names and addresses of this machine that need no look-up.
final class Loopback {
    private static final Pattern HOST = Pattern.compile("(?i)localhost|127(?:\\.\\d{1,3}){3}|\\[?(?:::1|0:0:0:0:0:0:0:1)]?");

    private Loopback() {}

    static boolean is(String host) {
        return HOST.matcher(host).matches();
    }
}
