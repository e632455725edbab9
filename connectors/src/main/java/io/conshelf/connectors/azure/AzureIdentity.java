package io.conshelf.connectors.azure;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import io.conshelf.connectors.StoreException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Who asks Microsoft Entra for tokens. Secrets do not show in text.
public sealed interface AzureIdentity {
    /// @param authority where tokens come from: that of the cloud that the tenant is in
    record ServicePrincipal(String id, String key, String tenant, String authority) implements AzureIdentity {
        @Override
        public String toString() {
            return "ServicePrincipal[id=" + id + ", tenant=" + tenant + "]";
        }
    }

    /// The identity of the machine, or the user-assigned one with this client id, or with this id as a resource of Azure.
    record ManagedIdentity(Optional<String> id) implements AzureIdentity {}

    /// What the official clients take. One identity is one credential, so that its tokens are kept.
    default TokenCredential tokens() {
        return Kept.of(this);
    }

    /// A token for a resource, such as `https://management.azure.com/`.
    default String token(String resource) throws StoreException {
        try {
            return tokens().getTokenSync(new TokenRequestContext().addScopes(resource.strip().replaceFirst("/+$", "") + "/.default")).getToken();
        } catch (RuntimeException failure) {
            throw AzureFailure.of("Asking for a token", "UserErrorAuthenticationFailed", failure);
        }
    }

    private static TokenCredential open(AzureIdentity identity) {
        return switch (identity) {
            case ServicePrincipal(String id, String key, String tenant, String authority) ->
                    new ClientSecretCredentialBuilder().clientId(id).clientSecret(key).tenantId(tenant).authorityHost(authority).build();
            case ManagedIdentity(var id) -> {
                ManagedIdentityCredentialBuilder builder = new ManagedIdentityCredentialBuilder();
                id.ifPresent(text -> {
                    if (text.contains("/")) {
                        builder.resourceId(text);
                    } else {
                        builder.clientId(text);
                    }
                });
                yield builder.build();
            }
        };
    }

    /// Where tokens of a cloud come from, by the name that `azureCloudType` has for it; empty when it is not one.
    static Optional<String> authority(String cloud) {
        return Optional.ofNullable(switch (cloud.toLowerCase(Locale.ROOT)) {
            case "", "azurepublic" -> "https://login.microsoftonline.com/";
            case "azurechina" -> "https://login.chinacloudapi.cn/";
            case "azureusgovernment" -> "https://login.microsoftonline.us/";
            default -> null;
        });
    }

    /// The credentials of this process that were asked for last.
    final class Kept {
        private static final int CREDENTIALS_MAX = 256;
        private static final Map<AzureIdentity, TokenCredential> CREDENTIALS = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<AzureIdentity, TokenCredential> eldest) {
                return size() > CREDENTIALS_MAX;
            }
        };

        private Kept() {}

        private static TokenCredential of(AzureIdentity identity) {
            synchronized (CREDENTIALS) {
                return CREDENTIALS.computeIfAbsent(identity, AzureIdentity::open);
            }
        }
    }
}
