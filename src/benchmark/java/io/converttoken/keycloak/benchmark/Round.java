// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

/**
 * What one flow did in one round.
 *
 * @param throughput requests a second
 * @param p50 milliseconds
 * @param p99 milliseconds
 * @param serverCpu milliseconds of processor time of the server, a request
 * @param databaseCpu the same of PostgreSQL
 */
record Round(double throughput, double p50, double p99, double serverCpu, double databaseCpu) {

    /** Of both. */
    double cpu() {
        return serverCpu + databaseCpu;
    }
}
