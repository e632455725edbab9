package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Resource;
import java.util.Optional;

/// Whom a linked service speaks as where it asks for tokens: the service principal in it, the credential it refers to, or else the factory's own
/// identity.
final class Identities {
    private final Factory factory;

    Identities(Factory factory) {
        this.factory = factory;
    }

    AzureIdentity of(LinkedService service) throws ActivityFailure, StoreException {
        if (service.stated("servicePrincipalId").isPresent()) {
            return principal(service.properties(), service.secrets());
        }
        Optional<String> reference = service.properties().at("credential").at("referenceName").text()
                .or(() -> service.properties().at("credentials").at("referenceName").text()).filter(name -> !name.isBlank());
        return reference.isPresent() ? credential(reference.get(), service.secrets()) : new AzureIdentity.ManagedIdentity(Optional.empty());
    }

    AzureIdentity credential(String name, LinkedService.SecretReader secrets) throws ActivityFailure, StoreException {
        Resource credential = Optional.ofNullable(factory.resources(Kind.CREDENTIAL).get(name))
                .orElseThrow(() -> ActivityFailure.user("CredentialNotFound", "There is no credential '" + name + "'"));
        Located properties = credential.properties().at("typeProperties");
        if (credential.type().equalsIgnoreCase("ServicePrincipal")) {
            return principal(properties, secrets);
        }
        return new AzureIdentity.ManagedIdentity(properties.at("resourceId").text().filter(id -> !id.isBlank()));
    }

    private static AzureIdentity principal(Located properties, LinkedService.SecretReader secrets) throws ActivityFailure, StoreException {
        String cloud = properties.at("azureCloudType").text("");
        String authority = AzureIdentity.authority(cloud).orElseThrow(() -> ActivityFailure.user("UserErrorInvalidCloudType", "'"
                + properties.at("azureCloudType").path() + "' is AzurePublic, AzureChina or AzureUsGovernment, found '" + cloud + "'"));
        String type = properties.at("servicePrincipalCredentialType").text("");
        if (!type.isBlank() && !type.equalsIgnoreCase("ServicePrincipalKey")) {
            throw ActivityFailure.user("UnsupportedCredential", "'" + properties.at("servicePrincipalCredentialType").path()
                    + "' is ServicePrincipalKey; certificates are not supported yet");
        }
        Located key = properties.at("servicePrincipalKey").isPresent() ? properties.at("servicePrincipalKey") : properties.at("servicePrincipalCredential");
        return new AzureIdentity.ServicePrincipal(properties.at("servicePrincipalId").text("").strip(), secrets.read(key), properties.at("tenant").text("").strip(), authority);
    }
}
