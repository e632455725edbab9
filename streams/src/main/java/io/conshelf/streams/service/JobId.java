package io.conshelf.streams.service;

import java.util.Locale;

/// A job's address. Names are the same whatever their case.
record JobId(String subscription, String resourceGroup, String name) {
    String key() {
        return (subscription + "/" + resourceGroup + "/" + name).toLowerCase(Locale.ROOT);
    }

    String path() {
        return "/subscriptions/" + subscription + "/resourceGroups/" + resourceGroup + "/providers/Microsoft.StreamAnalytics/streamingjobs/" + name;
    }
}
