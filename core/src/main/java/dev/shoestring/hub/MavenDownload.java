package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.maven.model.Model;
import org.apache.maven.model.building.ModelBuilder;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.RepositoryPolicy;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.ChecksumFailureException;
import org.eclipse.aether.transfer.TransferEvent;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;

/** Fetches an artifact with Maven's own resolver, in this process. */
final class MavenDownload {
    private final MavenSettings settings;

    private MavenDownload(MavenSettings settings) {
        this.settings = settings;
    }

    static MavenDownload of(MavenSettings settings) {
        return new MavenDownload(settings);
    }

    Path resolve(MavenCoordinates coordinates, Progress progress) {
        Settings effective = settings.effective();
        RepositorySystem system = new RepositorySystemSupplier().get();
        DefaultRepositorySystemSession session = session(system, effective, progress);
        List<RemoteRepository> repositories = system.newResolutionRepositories(session, repositories(effective));
        ArtifactRequest request = new ArtifactRequest(
                new DefaultArtifact(
                        coordinates.group(),
                        coordinates.artifact(),
                        coordinates.classifier(),
                        "jar",
                        coordinates.version()),
                repositories,
                null);
        try {
            return system.resolveArtifact(session, request)
                    .getArtifact()
                    .getFile()
                    .toPath();
        } catch (ArtifactResolutionException failed) {
            throw new InputException(message(coordinates, repositories, failed, effective.isOffline()), failed);
        } finally {
            system.shutdown();
        }
    }

    private static String message(
            MavenCoordinates coordinates,
            List<RemoteRepository> repositories,
            ArtifactResolutionException failed,
            boolean offline) {
        String asked =
                repositories.stream().map(RemoteRepository::getId).toList().toString();
        String start = "maven:" + coordinates + ": ";
        if (offline) {
            return start + "is not in the local repository, and Maven is set to offline; fetch it once while online";
        }
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof ChecksumFailureException) {
                return start + "what was fetched does not have its checksum (repositories " + asked
                        + "); try again, and if " + "it stays so, tell whoever runs the repository";
            }
        }
        Throwable root = failed;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = root == failed ? "not found" : root.getClass().getSimpleName() + ": " + root.getMessage();
        return start + "could not be fetched from the repositories " + asked + " of your Maven settings (" + reason
                + "); check the coordinates, the network, and mirrors or proxies in ~/.m2/settings.xml";
    }

    private DefaultRepositorySystemSession session(RepositorySystem system, Settings effective, Progress progress) {
        DefaultRepositorySystemSession session = MavenRepositorySystemUtils.newSession();
        session.setLocalRepositoryManager(system.newLocalRepositoryManager(
                session, new LocalRepository(settings.localRepository().toFile())));
        session.setChecksumPolicy(RepositoryPolicy.CHECKSUM_POLICY_FAIL);
        session.setOffline(effective.isOffline());
        session.setMirrorSelector(mirrors(effective));
        session.setProxySelector(proxies(effective));
        session.setAuthenticationSelector(servers(effective));
        session.setTransferListener(new AbstractTransferListener() {
            @Override
            public void transferProgressed(TransferEvent event) {
                report(event);
            }

            @Override
            public void transferSucceeded(TransferEvent event) {
                report(event);
            }

            private void report(TransferEvent event) {
                String name = event.getResource().getResourceName();
                if (name.endsWith(".jar")) {
                    progress.transferred(
                            name.substring(name.lastIndexOf('/') + 1),
                            event.getTransferredBytes(),
                            event.getResource().getContentLength());
                }
            }
        });
        return session;
    }

    private static DefaultMirrorSelector mirrors(Settings effective) {
        DefaultMirrorSelector selector = new DefaultMirrorSelector();
        for (Mirror mirror : effective.getMirrors()) {
            selector.add(
                    mirror.getId(),
                    mirror.getUrl(),
                    mirror.getLayout(),
                    false,
                    mirror.isBlocked(),
                    mirror.getMirrorOf(),
                    mirror.getMirrorOfLayouts());
        }
        return selector;
    }

    private static DefaultProxySelector proxies(Settings effective) {
        DefaultProxySelector selector = new DefaultProxySelector();
        for (Proxy proxy : effective.getProxies()) {
            if (proxy.isActive()) {
                AuthenticationBuilder login = new AuthenticationBuilder();
                login.addUsername(proxy.getUsername()).addPassword(proxy.getPassword());
                selector.add(
                        new org.eclipse.aether.repository.Proxy(
                                proxy.getProtocol(), proxy.getHost(), proxy.getPort(), login.build()),
                        proxy.getNonProxyHosts());
            }
        }
        return selector;
    }

    private static DefaultAuthenticationSelector servers(Settings effective) {
        DefaultAuthenticationSelector selector = new DefaultAuthenticationSelector();
        for (Server server : effective.getServers()) {
            AuthenticationBuilder login = new AuthenticationBuilder();
            login.addUsername(server.getUsername()).addPassword(server.getPassword());
            login.addPrivateKey(server.getPrivateKey(), server.getPassphrase());
            selector.add(server.getId(), login.build());
        }
        return selector;
    }

    /** The repositories of active profiles, and Maven's standard one. */
    private static List<RemoteRepository> repositories(Settings effective) {
        List<RemoteRepository> repositories = new ArrayList<>();
        for (Profile profile : effective.getProfiles()) {
            boolean active = effective.getActiveProfiles().contains(profile.getId())
                    || (profile.getActivation() != null
                            && profile.getActivation().isActiveByDefault());
            if (active) {
                for (Repository repository : profile.getRepositories()) {
                    repositories.add(new RemoteRepository.Builder(
                                    repository.getId(), repository.getLayout(), repository.getUrl())
                            .build());
                }
            }
        }
        for (org.apache.maven.model.Repository standard : superPom().getRepositories()) {
            repositories.add(
                    new RemoteRepository.Builder(standard.getId(), standard.getLayout(), standard.getUrl()).build());
        }
        return repositories;
    }

    /** The POM that all others inherit from: where Maven itself has its standard repository from. */
    private static Model superPom() {
        try (InputStream in = ModelBuilder.class.getResourceAsStream("/org/apache/maven/model/pom-4.0.0.xml")) {
            if (in == null) {
                throw new IllegalStateException("Maven's model builder lacks its super POM");
            }
            return new MavenXpp3Reader().read(in);
        } catch (IOException | XmlPullParserException damaged) {
            throw new IllegalStateException("Maven's super POM cannot be read", damaged);
        }
    }
}
