package io.conshelf.processor.service;

import java.util.Locale;

/// The address of an instance, or of what lies in it. Names are the same whatever their case.
///
/// @param name empty for the instance itself
record ResourceId(String subscription, String resourceGroup, String instance, Kind kind, String name) {
    static final String PROVIDER = "Microsoft.IoTOperationsDataProcessor";

    static ResourceId instance(String subscription, String resourceGroup, String name) {
        return new ResourceId(subscription, resourceGroup, name, Kind.INSTANCE, "");
    }

    /// The instance that it is, or lies in.
    ResourceId parent() {
        return instance(subscription, resourceGroup, instance);
    }

    ResourceId in(Kind inner, String inside) {
        return new ResourceId(subscription, resourceGroup, instance, inner, inside);
    }

    String ownName() {
        return kind == Kind.INSTANCE ? instance : name;
    }

    /// What lies in an instance comes right behind it in the order of keys.
    String key() {
        String of = (subscription + "/" + resourceGroup + "/" + instance).toLowerCase(Locale.ROOT);
        return kind == Kind.INSTANCE ? of : of + "/" + kind.segment() + "/" + name.toLowerCase(Locale.ROOT);
    }

    String path() {
        String of = "/subscriptions/" + subscription + "/resourceGroups/" + resourceGroup + "/providers/" + PROVIDER + "/instances/" + instance;
        return kind == Kind.INSTANCE ? of : of + "/" + kind.segment() + "/" + name;
    }

    boolean isOf(ResourceId other) {
        return parent().key().equals(other.parent().key());
    }
}
