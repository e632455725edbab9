package io.conshelf.cli.account;

import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import com.azure.storage.queue.QueueServiceClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// A storage account by its connection string: Azurite, or an account whose hosts may be reached.
public final class AccountConnection {
    private static final int TRIES = 3;
    private static final int TRY_SECONDS_MAX = 10;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(?:\\.\\d{1,3}){3}|\\[?::1]?");

    private final BlobServiceClient blobs;
    private final QueueServiceClient queues;

    private AccountConnection(BlobServiceClient blobs, QueueServiceClient queues) {
        this.blobs = blobs;
        this.queues = queues;
    }

    /// Asks nobody yet.
    ///
    /// @throws IllegalArgumentException when the text is no connection string with an account's key; the message does not repeat it
    public static AccountConnection parse(String connectionString) {
        String text = connectionString.strip();
        if (!isConnectionString(text)) {
            throw new IllegalArgumentException("it is no connection string with 'AccountName' and 'AccountKey', and not 'UseDevelopmentStorage=true'");
        }
        try {
            return new AccountConnection(
                    new BlobServiceClientBuilder().connectionString(text).retryOptions(retries()).buildClient(),
                    new QueueServiceClientBuilder().connectionString(text).retryOptions(retries()).buildClient());
        } catch (RuntimeException e) {
            // What the clients throw repeats parts of the text.
            throw new IllegalArgumentException("the clients of blobs and queues take no such connection string (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static RequestRetryOptions retries() {
        return new RequestRetryOptions(RetryPolicyType.FIXED, TRIES, TRY_SECONDS_MAX, PAUSE.toMillis(), PAUSE.toMillis(), null);
    }

    /// Whether a setting is one rather than the name of a secret.
    public static boolean isConnectionString(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.contains("accountname=") && lower.contains("accountkey=") || lower.contains("usedevelopmentstorage=true");
    }

    /// @throws IllegalArgumentException when one of its hosts is neither this machine nor listed
    public AccountConnection reachedBy(Set<String> live) {
        for (URI endpoint : endpoints()) {
            String host = String.valueOf(endpoint.getHost()).toLowerCase(Locale.ROOT);
            if (!LOOPBACK.matcher(host).matches() && !live.contains(host)) {
                throw new IllegalArgumentException("'" + host + "' is not on this machine: list it under 'live' to reach it");
            }
        }
        return this;
    }

    private List<URI> endpoints() {
        return List.of(URI.create(blobs.getAccountUrl()), URI.create(queues.getQueueServiceUrl()));
    }

    BlobServiceClient blobs() {
        return blobs;
    }

    /// Blobs as somebody with a signature has them, rather than with the account's key.
    BlobServiceClient blobs(String signature) {
        return new BlobServiceClientBuilder().endpoint(blobs.getAccountUrl()).sasToken(signature).retryOptions(retries()).buildClient();
    }

    QueueServiceClient queues() {
        return queues;
    }

    /// Where its blobs are, which tells it from others.
    @Override
    public String toString() {
        return blobs.getAccountUrl();
    }
}
