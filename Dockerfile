# A Keycloak with the JAR built in, ready to start at once. Build the JAR first (mvn -DskipTests package), or download it, then
#   docker build -t keycloak-convert-token .
#
#   --build-arg KEYCLOAK_VERSION=26.7.5        another Keycloak that the JAR supports
#   --build-arg BUILD_OPTIONS="--db=mariadb"   what Keycloak fixes at build time: database, features, health, metrics
#   --build-arg JAR=NAME.jar                   another JAR; .dockerignore lets those of target/ and of this folder through
ARG KEYCLOAK_VERSION=26.7.3

FROM quay.io/keycloak/keycloak:${KEYCLOAK_VERSION} AS build
ARG JAR=target/keycloak-convert-token-*.jar
# The user that Keycloak runs as: it reads the JAR even where only its owner could.
COPY --chown=1000:0 ${JAR} /opt/keycloak/providers/
ARG BUILD_OPTIONS="--db=postgres --health-enabled=true --metrics-enabled=true"
RUN /opt/keycloak/bin/kc.sh build ${BUILD_OPTIONS}

FROM quay.io/keycloak/keycloak:${KEYCLOAK_VERSION}
LABEL org.opencontainers.image.title="Keycloak Convert Token" \
      org.opencontainers.image.description="Keycloak with native social login: trades a provider's token for the realm's own tokens" \
      org.opencontainers.image.licenses="Apache-2.0"
# All that the build has changed; the rest is in the stock image.
COPY --from=build --chown=1000:0 /opt/keycloak/providers/ /opt/keycloak/providers/
COPY --from=build --chown=1000:0 /opt/keycloak/lib/quarkus/ /opt/keycloak/lib/quarkus/
# The entry point stays Keycloak's own, kc.sh, because Keycloak's operator gives it a command of its own.
CMD ["start", "--optimized"]
