package io.conshelf.streams.service;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.blob.BlobAccess;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobFiles;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.file.FileStore.PendingFile;
import io.conshelf.connectors.file.StoredItem;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.streams.run.Surroundings;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Locale;

/// A blob, or a container, that a request names by its address with a shared access signature: of the embedded storage, or of an account whose host is listed
/// as live.
///
/// @param address as it was given, with the signature
/// @param path    in the container; empty where the address is that of a container
record SignedBlob(String address, BlobAccount account, String container, String path) {
    /// @param property what the request calls it
    /// @param origin   how the client names this server: addresses of the embedded storage may be written the same way
    static SignedBlob of(String property, String address, Surroundings surroundings, URI origin) {
        URI uri = parsed(property, address);
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        String path = uri.getPath();
        boolean hasAccountInPath = Endpoints.isLoopback(host) || isSameServer(uri, origin);
        String stated = uri.getScheme() + "://" + uri.getRawAuthority();
        if (hasAccountInPath) {
            URI home = surroundings.endpoints().home().orElse(origin);
            boolean isHome = isSameServer(uri, origin) || uri.getPort() == home.getPort();
            if (!isHome && surroundings.live().stream().noneMatch(host::equalsIgnoreCase)) {
                throw notReached(property, uri.getRawAuthority());
            }
            int end = path.indexOf('/', 1);
            String account = end < 0 ? path : path.substring(0, end);
            stated = (isHome ? home.toString().replaceFirst("/+$", "") : stated) + account;
            path = end < 0 ? "" : path.substring(end);
        } else if (!host.contains(".blob.") && !surroundings.endpoints().allows(host)) {
            throw notReached(property, host);
        }
        String[] parts = path.replaceFirst("^/", "").split("/", 2);
        if (parts[0].isEmpty()) {
            throw Refusal.badRequest(property, "'" + property + "' names no container.");
        }
        try {
            BlobAccount account = BlobAccount.of(stated, new BlobAccess.Sas(uri.getRawQuery()), surroundings.endpoints(), surroundings.door());
            return new SignedBlob(address, account, parts[0], parts.length == 1 ? "" : parts[1]);
        } catch (StoreException refused) {
            throw Refusal.badRequest(property, "'" + property + "': " + refused.getMessage());
        }
    }

    private static URI parsed(String property, String address) {
        try {
            URI uri = URI.create(address.strip());
            boolean isWeb = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (isWeb && uri.getHost() != null && uri.getRawUserInfo() == null && ("&" + uri.getRawQuery()).contains("&sig=")) {
                return uri;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // the same refusal; what stands there may have a signature in it
        }
        throw Refusal.badRequest(property, "'" + property + "' is the address of a blob with a shared access signature, https://<account>.blob.core.windows.net/<container>/<blob>?…&sig=….");
    }

    private static boolean isSameServer(URI one, URI other) {
        return one.getRawAuthority().equalsIgnoreCase(other.getRawAuthority());
    }

    private static Refusal notReached(String property, String host) {
        return Refusal.badRequest(property, "'" + property + "': '" + host + "' is not the storage of this cluster; list it under 'live' in the file given with --config to reach it.");
    }

    /// One in it, where it is a container or a folder.
    SignedBlob in(String name) {
        String[] parts = address.split("\\?", 2);
        String inside = parts[0].replaceFirst("/+$", "") + "/" + name;
        return new SignedBlob(inside + "?" + parts[1], account, container, path.isEmpty() ? name : path.replaceFirst("/+$", "") + "/" + name);
    }

    /// @throws StoreException where it is not there, is not shown, or is longer
    byte[] read(int bytesMax) throws StoreException {
        BlobFiles files = files();
        if (!(files.look(path).orElse(null) instanceof StoredItem.File found)) {
            throw StoreException.user("UserErrorFileNotFound", "the blob '" + path + "' is not there");
        }
        try (InputStream in = files.open(found.file())) {
            byte[] content = in.readNBytes(bytesMax + 1);
            if (content.length > bytesMax) {
                throw StoreException.user("UserErrorFileTooLarge", "the blob '" + path + "' has more than " + bytesMax + " bytes");
            }
            return content;
        } catch (IOException broken) {
            throw StoreException.system("SystemErrorRead", "the blob '" + path + "' cannot be read: " + broken.getMessage(), broken);
        }
    }

    void write(byte[] content) throws StoreException {
        try (PendingFile file = files().create(path)) {
            file.stream().write(content);
            file.commit();
        } catch (IOException broken) {
            throw StoreException.system("SystemErrorWrite", "the blob '" + path + "' cannot be written: " + broken.getMessage(), broken);
        }
    }

    private BlobFiles files() throws StoreException {
        return account.container(container, BlobWriting.STANDARD);
    }

    @Override
    public String toString() {
        return "SignedBlob[" + account.name() + "/" + container + "/" + path + "]";
    }
}
