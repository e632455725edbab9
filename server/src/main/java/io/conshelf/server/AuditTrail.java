package io.conshelf.server;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.server.audit.AuditEvent;
import io.conshelf.server.audit.AuditLog;
import java.time.Instant;
import java.time.InstantSource;

/// Tells the audit log of requests: of commands and other changes whatever came of them, and of all that were refused for who asks.
final class AuditTrail {
    private final AuditLog log;
    private final InstantSource clock;

    AuditTrail(AuditLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    interface Work<T> {
        T run();
    }

    /// Runs a command and tells what came of it.
    <T> T command(Call call, String database, String text, Work<T> work) {
        try {
            T result = work.run();
            log.done(event(call, call.principal().fullyQualifiedName(), text, database, 200, "", ""));
            return result;
        } catch (KustoException e) {
            log.done(event(call, call.principal().fullyQualifiedName(), text, database, e.error().httpStatus(), e.error().code(), e.error().message()));
            throw e;
        } catch (RuntimeException | Error e) {
            log.done(event(call, call.principal().fullyQualifiedName(), text, database, 500, "", ""));
            throw e;
        }
    }

    /// Tells of a change that is no command.
    ///
    /// @param what method and path
    void change(Call call, String what, int status) {
        log.done(event(call, call.principal().fullyQualifiedName(), what, "", status, "", ""));
    }

    /// Tells of a request that was refused, if it was for who asks.
    ///
    /// @param what method and path
    void refused(Call call, boolean isKnown, String what, ServiceError error) {
        if (error.httpStatus() == 401 || error.httpStatus() == 403) {
            AuditEvent event = event(call, isKnown ? call.principal().fullyQualifiedName() : "", what, "", error.httpStatus(), error.code(), error.message());
            if (isKnown) {
                log.denied(event);
            } else {
                log.deniedToStranger(event, StrangerLimits.network(call.from()));
            }
        }
    }

    /// Tells of somebody who could not sign in.
    ///
    /// @param account that was named, where there is such a one: what else was typed there may be a password
    void notSignedIn(Call call, String account, String what, int status, String code, String reason) {
        log.deniedToStranger(event(call, account, what, "", status, code, reason), StrangerLimits.network(call.from()));
    }

    private static AuditEvent event(Call call, String who, String what, String database, int status, String code, String reason) {
        return new AuditEvent(call.startedAt(), who, call.from(), what, database, status, code, reason, call.application().orElse(""),
                call.clientRequestId(), call.activityId().toString());
    }

    /// Tells of a request to the storage endpoints that was refused for who asks.
    ///
    /// @param what method and path, without the signature
    /// @param from the client's address
    void deniedOfStorage(String what, String from, int status, String code, String reason, String requestId) {
        Instant now = clock.instant();
        log.deniedToStranger(new AuditEvent(now, "", from, what, "", status, code, reason, "", "", requestId), StrangerLimits.network(from));
    }
}
