// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.keycloak.http.simple.SimpleHttp;

/** Who may know whom. */
@AnalyzeClasses(packages = "io.converttoken.keycloak", importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {

    private static final String ROOT = "io.converttoken.keycloak.";

    @ArchTest
    static final ArchRule roomsKnowOnlyTheirNeighbours = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("grant")
            .definedBy(ROOT + "grant..")
            .layer("rest")
            .definedBy(ROOT + "rest..")
            .layer("admin")
            .definedBy(ROOT + "admin..")
            .layer("refusal")
            .definedBy(ROOT + "refusal..")
            .layer("explain")
            .definedBy(ROOT + "explain..")
            .layer("signals")
            .definedBy(ROOT + "signals..")
            .layer("revocation")
            .definedBy(ROOT + "revocation..")
            .layer("linking")
            .definedBy(ROOT + "linking..")
            .layer("brokering")
            .definedBy(ROOT + "brokering..")
            .layer("invalidation")
            .definedBy(ROOT + "invalidation..")
            .layer("docs")
            .definedBy(ROOT + "docs..")
            .layer("verification")
            .definedBy(ROOT + "verification..")
            .layer("backend")
            .definedBy(ROOT + "backend..")
            .layer("metrics")
            .definedBy(ROOT + "metrics..")
            .layer("limits")
            .definedBy(ROOT + "limits..")
            .layer("http")
            .definedBy(ROOT + "http..")
            .layer("cluster")
            .definedBy(ROOT + "cluster..")
            .layer("internals")
            .definedBy(ROOT + "internals..")
            .whereLayer("grant")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("rest")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("admin")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("refusal")
            .mayOnlyBeAccessedByLayers("grant", "rest", "admin", "explain", "signals")
            .whereLayer("signals")
            .mayOnlyBeAccessedByLayers("rest")
            .whereLayer("revocation")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("explain")
            .mayOnlyBeAccessedByLayers("admin")
            .whereLayer("linking")
            .mayOnlyBeAccessedByLayers("rest", "refusal", "signals")
            .whereLayer("invalidation")
            .mayOnlyBeAccessedByLayers("rest", "admin", "refusal", "signals")
            .whereLayer("docs")
            .mayOnlyBeAccessedByLayers("rest")
            .whereLayer("brokering")
            .mayOnlyBeAccessedByLayers("grant", "linking", "refusal", "explain", "signals")
            .whereLayer("verification")
            .mayOnlyBeAccessedByLayers("grant", "brokering", "linking", "refusal", "explain", "signals", "revocation")
            .whereLayer("backend")
            .mayOnlyBeAccessedByLayers(
                    "grant",
                    "brokering",
                    "linking",
                    "refusal",
                    "verification",
                    "docs",
                    "explain",
                    "rest",
                    "signals",
                    "revocation")
            .whereLayer("limits")
            .mayOnlyBeAccessedByLayers("linking", "refusal", "verification", "backend")
            .whereLayer("limits")
            .mayOnlyAccessLayers("metrics")
            .whereLayer("internals")
            .mayNotAccessAnyLayer()
            .whereLayer("http")
            .mayOnlyAccessLayers("internals")
            .whereLayer("cluster")
            .mayNotAccessAnyLayer()
            .whereLayer("metrics")
            .mayNotAccessAnyLayer();

    /** Whoever refuses says why, and the words for it know nobody. */
    @ArchTest
    static final ArchRule reasonsKnowNobody = noClasses()
            .that()
            .resideInAPackage(ROOT + "reason..")
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.converttoken.keycloak..").and(not(resideInAPackage(ROOT + "reason.."))));

    @ArchTest
    static final ArchRule noCycles = slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheProviderRoomAndBackChannelLogoutCallOut = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "verification.provider..")
            .and()
            .doNotHaveSimpleName("BackChannelLogout")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(SimpleHttp.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.http..", "java.net.http..", "org.keycloak.connections.httpclient..");

    @ArchTest
    static final ArchRule onlyTheTopOfVerificationIsSeen = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "verification..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "verification.token..", ROOT + "verification.verifier..", ROOT + "verification.provider..");

    @ArchTest
    static final ArchRule verificationIsInOrder = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("verifier")
            .definedBy(ROOT + "verification.verifier..")
            .layer("provider")
            .definedBy(ROOT + "verification.provider..")
            .layer("token")
            .definedBy(ROOT + "verification.token..")
            .whereLayer("verifier")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("provider")
            .mayOnlyBeAccessedByLayers("verifier")
            .whereLayer("token")
            .mayNotAccessAnyLayer();

    /** The seal: whoever holds a VerifiedIdentity need not check again. */
    @ArchTest
    static final ArchRule onlyOnePlaceMakesAnIdentityOfAProof = noClasses()
            .that()
            .doNotHaveSimpleName("ExternalTokenVerifiers")
            .should()
            .callMethodWhere(target(name("of")).and(target(owner(simpleName("VerifiedIdentity")))));

    @ArchTest
    static final ArchRule onlyInternalsTouchesTheInsideOfKeycloak = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "internals..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.lang.reflect..",
                    "jakarta.persistence..",
                    "org.hibernate..",
                    "org.infinispan..",
                    "org.jboss.resteasy.reactive.server..",
                    "io.opentelemetry..internal..");

    @ArchTest
    static final ArchRule classesAreFinal = classes()
            .that()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .and()
            .areNotAnonymousClasses()
            .and()
            .doNotHaveSimpleName("package-info")
            .and()
            .areTopLevelClasses()
            .and()
            .doNotHaveModifier(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT)
            .should()
            .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);
}
