package io.conshelf.server;

import io.conshelf.server.service.HostedService;
import io.conshelf.server.service.HostedService.BlobChanged;
import io.conshelf.server.storage.BlobListener;
import io.conshelf.server.storage.StorageAccount;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the services beside the cluster of blobs that are made and deleted.
final class HostedBlobs implements BlobListener {
    private static final Logger LOG = LoggerFactory.getLogger(HostedBlobs.class);

    private final List<HostedService> services;

    HostedBlobs(List<HostedService> services) {
        this.services = List.copyOf(services);
    }

    @Override
    public void created(String container, String blob, long bytes) {
        tell(container, blob, BlobChanged.What.CREATED, bytes);
    }

    @Override
    public void deleted(String container, String blob) {
        tell(container, blob, BlobChanged.What.DELETED, 0);
    }

    private void tell(String stored, String blob, BlobChanged.What what, long bytes) {
        int slash = stored.indexOf('/');
        String account = slash < 0 ? StorageAccount.BLOB.account() : stored.substring(0, slash);
        var change = new BlobChanged(account, stored.substring(slash + 1), blob, what, bytes);
        for (HostedService service : services) {
            try {
                service.blobChanged(change);
            } catch (RuntimeException failure) {
                // The blob is there, whatever becomes of those who wait for it.
                LOG.warn("{} could not act on the blob '{}' of '{}': {}", service.name(), blob, stored, failure.getMessage());
            }
        }
    }
}
