package io.conshelf.server.storage;

import java.util.Map;

/// The parameters of a shared access signature and the text that its signature signs.
record SasToken(Map<String, String> parameters) {
    private static final String SNAPSHOTS_SIGNED_SINCE = "2018-11-09";
    private static final String ENCRYPTION_SCOPE_SIGNED_SINCE = "2020-12-06";
    /// How the identifier begins that tells whom something is lent to.
    static final String BORROWER = "lent-";
    /// Older tokens sign another text; the current SDKs send 2019 and later.
    static final String OLDEST_VERSION = "2015-04-05";

    static boolean isIn(Map<String, String> query) {
        return query.containsKey("sig");
    }

    String get(String name) {
        return parameters.getOrDefault(name, "");
    }

    boolean has(String name) {
        return !get(name).isEmpty();
    }

    boolean isAccountSas() {
        return has("ss");
    }

    /// @param owner the account's name in the request's path
    String accountText(String owner) {
        String text = String.join("\n",
                owner, get("sp"), get("ss"), get("srt"), get("st"), get("se"), get("sip"), get("spr"), get("sv")) + "\n";
        return since(ENCRYPTION_SCOPE_SIGNED_SINCE) ? text + get("ses") + "\n" : text;
    }

    /// @param owner the account's name in the request's path
    /// @param path the container, container and blob, queue, or table, not percent-encoded
    String serviceText(StorageAccount account, String owner, String path) {
        String canonical = "/" + account.signatureName() + "/" + owner + "/" + path;
        String head = String.join("\n",
                get("sp"), get("st"), get("se"), canonical, get("si"), get("sip"), get("spr"), get("sv"));
        return switch (account) {
            case BLOB -> head + blobText();
            case QUEUE -> head;
            case TABLE -> head + "\n" + String.join("\n", get("spk"), get("srk"), get("epk"), get("erk"));
        };
    }

    private String blobText() {
        StringBuilder text = new StringBuilder();
        if (since(SNAPSHOTS_SIGNED_SINCE)) {
            text.append('\n').append(get("sr")).append('\n').append(get("snapshot"));
        }
        if (since(ENCRYPTION_SCOPE_SIGNED_SINCE)) {
            text.append('\n').append(get("ses"));
        }
        for (String responseHeader : new String[] {"rscc", "rscd", "rsce", "rscl", "rsct"}) {
            text.append('\n').append(get(responseHeader));
        }
        return text.toString();
    }

    private boolean since(String version) {
        return get("sv").compareTo(version) >= 0;
    }

    @Override public String toString() {
        return "SasToken[sp=" + get("sp") + ", se=" + get("se") + "]";
    }
}
