package dev.shoestring;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.shoestring.report.ProgressLine;
import java.io.ObjectInputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The rules of docs/decisions/0002-floors.md and CONTRIBUTING.md that a compiler does not check. */
final class ArchitectureTest {
    private static final String ROOT = "dev.shoestring.";

    private static final Map<String, Integer> FLOORS = Map.ofEntries(
            Map.entry("cli", 7),
            Map.entry("run", 6),
            Map.entry("report", 6),
            Map.entry("train", 5),
            Map.entry("shrink", 5),
            Map.entry("adapt", 4),
            Map.entry("distributed", 4),
            Map.entry("augment", 4),
            Map.entry("generate", 4),
            Map.entry("models", 3),
            Map.entry("hub", 3),
            Map.entry("data", 3),
            Map.entry("text", 3),
            Map.entry("nn", 2),
            Map.entry("optim", 2),
            Map.entry("tensor", 1),
            Map.entry("plan", 1),
            Map.entry("recipe", 0),
            Map.entry("cost", 0));

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.shoestring");

    @Test
    void everyPackageHasAFloor() {
        assertThat(PRODUCT.stream().map(ArchitectureTest::packageOf).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(FLOORS.keySet());
    }

    @Test
    void noPackageLooksUp() {
        classes().should(lookOnlyDown()).check(PRODUCT);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(PRODUCT);
    }

    @Test
    void onlyTheTensorFloorKnowsTheNativeBinding() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "tensor..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.bytedeco.."))
                .because(
                        "every use of LibTorch is guarded in one place (docs/decisions/0001-libtorch-through-javacpp.md)")
                .check(PRODUCT);
    }

    @Test
    void onlyTheCommandLineAndTheProgressLineWriteToTheConsole() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "cli..")
                .and()
                // the live line is one object that threads share; it takes standard error once, where it is made
                .areNotAssignableTo(ProgressLine.class)
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .because("standard output is one JSON document with --json, and a library has no console")
                .check(PRODUCT);
    }

    @Test
    void onlyTheCommandLineEndsTheProcess() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "cli..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .because("a library must not end the program that uses it")
                .check(PRODUCT);
    }

    @Test
    void logsGoThroughSlf4j() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.util.logging.."))
                .because("the application that embeds the library chooses where logs go")
                .check(PRODUCT);
    }

    @Test
    void nothingIsDeserialized() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ObjectInputStream.class)
                .because("Java serialization, like pickle, lets a file run code")
                .check(PRODUCT);
    }

    @Test
    void classesAreFinalOrMeantForInheritance() {
        classes()
                .that(describe("are classes of their own", type -> !type.isAnonymousClass() && !type.isInterface()))
                .should(beFinalAbstractOrSealed())
                .because("a class that is neither designed for inheritance nor closed to it breaks its subclasses")
                .check(PRODUCT);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveSimpleNameStartingWith("Abstract")
                .orShould()
                .haveNameMatching(".*[.$][^.$]*(Util|Utils|Impl|Helper|Helpers|Manager)")
                .because("such names say how a thing was made or that nobody knew what it is")
                .check(PRODUCT);
    }

    @Test
    void everyPackageIsNullMarked() {
        List<String> unmarked = PRODUCT.getPackage("dev.shoestring").getSubpackagesInTree().stream()
                .filter(javaPackage -> !javaPackage.getClasses().isEmpty())
                .filter(javaPackage -> !javaPackage.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .toList();
        assertThat(unmarked)
                .as("packages without @NullMarked in package-info.java")
                .isEmpty();
    }

    private static ArchCondition<JavaClass> lookOnlyDown() {
        return new ArchCondition<>("look only down") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                int floor = floor(type);
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (target.getPackageName().startsWith(ROOT) && floor(target) > floor) {
                        events.add(SimpleConditionEvent.violated(
                                dependency,
                                packageOf(type) + " (floor " + floor + ") looks up to " + packageOf(target) + " (floor "
                                        + floor(target) + "): " + dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static ArchCondition<JavaClass> beFinalAbstractOrSealed() {
        return new ArchCondition<>("be final, abstract or sealed") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Set<JavaModifier> modifiers = type.getModifiers();
                boolean closed = modifiers.contains(JavaModifier.FINAL)
                        || modifiers.contains(JavaModifier.ABSTRACT)
                        // an enum whose constants have bodies is not final, but nobody can extend it
                        || type.isEnum()
                        || type.reflect().isSealed();
                if (!closed) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " is open to inheritance"));
                }
            }
        };
    }

    private static int floor(JavaClass type) {
        return FLOORS.getOrDefault(packageOf(type), Integer.MAX_VALUE);
    }

    /** The package just under the root: that of {@code dev.shoestring.data.X} and of all below it is {@code data}. */
    private static String packageOf(JavaClass type) {
        String name = type.getPackageName();
        String below = name.startsWith(ROOT) ? name.substring(ROOT.length()) : name;
        int dot = below.indexOf('.');
        return dot < 0 ? below : below.substring(0, dot);
    }
}
