// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.Answer;
import java.util.Map;

/** Calls of the administrator to paths below {@code /admin/realms/}, each recorded by its name. */
final class RecordedAdminApi {

    private final Recorder recorder;

    RecordedAdminApi(Recorder recorder) {
        this.recorder = recorder;
    }

    Answer get(String name, String path) {
        return recorder.record(name, () -> recorder.adminCall(path).get());
    }

    Answer post(String name, String path, Map<String, ?> content) {
        return recorder.record(
                name, () -> recorder.adminCall(path).json(content).post());
    }

    void put(String name, String path, Object content) {
        recorder.record(name, () -> recorder.adminCall(path).json(content).put());
    }

    void delete(String name, String path) {
        recorder.record(name, () -> recorder.adminCall(path).delete());
    }
}
