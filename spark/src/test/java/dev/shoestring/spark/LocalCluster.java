package dev.shoestring.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** The cluster of the script {@code cluster}, seen by a test. */
record LocalCluster(Path within, String url) {
    /** Options that make short-lived Java processes start sooner. */
    static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1", "-Xmx512m");

    private static final Path MODULE = Path.of(System.getProperty("module"));
    private static final String NAME = "cluster";
    private static final long LONGEST_SECONDS = 120;
    private static final List<String> OPENS = Stream.of(
                    "java.lang", "java.lang.invoke", "java.net", "java.nio", "java.util", "sun.nio.ch")
            .map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED")
            .toList();

    /** How a process ended. */
    record Ended(int status, String out, String errors) {}

    /** Starts a master and two workers with two cores each. */
    static LocalCluster start(Path within) throws IOException, InterruptedException {
        Ended started =
                run(within, Map.of(), script("start", within.resolve(NAME).toString(), "2", "2"));
        assertThat(started.status()).as(started.errors()).isZero();
        return new LocalCluster(within, started.out().strip());
    }

    private Path folder() {
        return within.resolve(NAME);
    }

    void stop() throws IOException, InterruptedException {
        run(within, Map.of(), script("stop", folder().toString()));
    }

    private static List<String> script(String... arguments) {
        return Stream.concat(Stream.of("bash", MODULE.resolve("cluster").toString()), Arrays.stream(arguments))
                .toList();
    }

    /** The jar of this module and those that it needs, without Spark. */
    static List<Path> jars() throws IOException {
        List<Path> jars = new ArrayList<>(List.of(Path.of(System.getProperty("jar"))));
        for (String path :
                Files.readString(MODULE.resolve("target/classpath")).strip().split(File.pathSeparator, -1)) {
            jars.add(Path.of(path));
        }
        return jars;
    }

    /** A session with two executors of one core each, which find the jars in the same place as the driver. */
    SparkSession session() throws IOException {
        SparkSession.Builder builder = SparkSession.builder()
                .master(url)
                .appName("test")
                .config("spark.jars", "local:" + list(jars()).replace(",", ",local:"))
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "2s");
        for (String line : Files.readAllLines(folder().resolve("conf/spark-defaults.conf"))) {
            int space = line.indexOf(' ');
            builder.config(line.substring(0, space), line.substring(space + 1));
        }
        settings().forEach(builder::config);
        return builder.getOrCreate();
    }

    private static Map<String, String> settings() {
        return Map.of(
                "spark.ui.enabled", "false",
                "spark.locality.wait", "0s",
                "spark.cores.max", "2",
                "spark.executor.cores", "1",
                "spark.executor.memory", "512m",
                "spark.executor.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
                "spark.sql.shuffle.partitions", "3");
    }

    /** As a user types it, with Spark's own jars alone on the class path; the driver sends the others to the executors. */
    Ended submit(Path directory, String... arguments) throws IOException, InterruptedException {
        List<Path> jars = jars();
        List<String> words = new ArrayList<>(List.of(
                "--master",
                url,
                "--class",
                SparkCommand.class.getName(),
                "--jars",
                list(jars.subList(1, jars.size())),
                "--conf",
                "spark.driver.bindAddress=127.0.0.1",
                "--conf",
                "spark.driver.host=127.0.0.1"));
        settings().forEach((key, value) -> words.addAll(List.of("--conf", key + "=" + value)));
        words.add(jars.get(0).toString());
        words.addAll(List.of(arguments));
        return java(
                directory,
                Map.of(
                        "SPARK_HOME",
                        folder().resolve("home").toString(),
                        "SPARK_CONF_DIR",
                        folder().resolve("conf").toString()),
                List.of(folder().resolve("home/jars/*")),
                "org.apache.spark.deploy.SparkSubmit",
                words);
    }

    private static String list(List<Path> jars) {
        return jars.stream().map(Path::toString).collect(Collectors.joining(","));
    }

    /** Master, workers, executors and ranks. */
    List<ProcessHandle> processes() throws IOException {
        List<ProcessHandle> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder())) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".pid")).toList()) {
                ProcessHandle daemon = ProcessHandle.of(
                                Long.parseLong(Files.readString(file).strip()))
                        .orElseThrow();
                all.add(daemon);
                daemon.descendants().forEach(all::add);
            }
        }
        return all;
    }

    /** The process in which a rank trains. */
    ProcessHandle rank(int rank) throws IOException {
        for (ProcessHandle process : processes()) {
            boolean trains = commandLine(process).contains(RankProcess.class.getName());
            if (trains && rankOf(process) == rank) {
                return process;
            }
        }
        throw new AssertionError("no process of rank " + rank);
    }

    private static int rankOf(ProcessHandle process) throws IOException {
        Path environment = Path.of("/proc", Long.toString(process.pid()), "environ");
        return Arrays.stream(Files.readString(environment).split("\0", -1))
                .filter(one -> one.startsWith("RANK="))
                .mapToInt(one -> Integer.parseInt(one.substring("RANK=".length())))
                .findFirst()
                .orElse(-1);
    }

    static String commandLine(ProcessHandle process) throws IOException {
        Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        return Files.exists(file) ? Files.readString(file).replace('\0', ' ') : "";
    }

    static Ended java(
            Path directory, Map<String, String> environment, List<Path> jars, String mainClass, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(OPENS);
        words.addAll(List.of(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                mainClass));
        words.addAll(arguments);
        return run(directory, environment, words);
    }

    private static Ended run(Path directory, Map<String, String> environment, List<String> words)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, "out", ".txt");
        Path errors = Files.createTempFile(directory, "errors", ".txt");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        boolean inTime = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
        if (!inTime) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String said = Files.readString(errors);
        assertThat(inTime).as(said).isTrue();
        return new Ended(process.exitValue(), Files.readString(out), said);
    }
}
