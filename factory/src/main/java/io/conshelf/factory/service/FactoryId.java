package io.conshelf.factory.service;

import java.util.Locale;

/// Names a factory. Names ignore case and keep the spelling they were made with.
record FactoryId(String subscription, String resourceGroup, String name) {
    String key() {
        return (subscription + "/" + resourceGroup + "/" + name).toLowerCase(Locale.ROOT);
    }

    String path() {
        return "/subscriptions/" + subscription + "/resourceGroups/" + resourceGroup + "/providers/Microsoft.DataFactory/factories/" + name;
    }
}
