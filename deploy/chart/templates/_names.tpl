{{- define "netcheck.labels" -}}
app.kubernetes.io/name: netcheck
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "netcheck.image" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{- /* Nobody, without any capability, who can write nothing. */ -}}
{{- define "netcheck.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65534
runAsGroup: 65534
fsGroup: 65534
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "netcheck.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* What every role reads: where Redis is, which cluster this is, and the key that signs jobs. */ -}}
{{- define "netcheck.environment" -}}
- name: NETCHECK_CLUSTER
  value: {{ .Values.cluster | quote }}
- name: NETCHECK_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: NETCHECK_JOB_KEY_FILE
  value: /run/secrets/netcheck/job-key
{{- if .Values.redis.url }}
- name: NETCHECK_REDIS_URL
  valueFrom: {secretKeyRef: {name: netcheck-redis, key: url}}
{{- else }}
- name: NETCHECK_REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: netcheck-redis, key: password}}
- name: NETCHECK_REDIS_URL
  value: redis://:$(NETCHECK_REDIS_PASSWORD)@{{ .Values.redis.address | default "$(NETCHECK_REDIS_SERVICE_HOST)" }}:{{ .Values.redis.port }}/0
{{- end }}
{{- end }}

{{- define "netcheck.keyMount" -}}
- {name: job-key, mountPath: /run/secrets/netcheck, readOnly: true}
{{- end }}

{{- define "netcheck.keyVolume" -}}
- name: job-key
  secret: {secretName: netcheck-job-key, defaultMode: 0440}
{{- end }}

{{- /* Who may do what, for whoever decides it: nothing where no rules are given. */ -}}
{{- define "netcheck.accessEnvironment" -}}
{{- if .Values.access -}}
- name: NETCHECK_ACCESS
  value: /etc/netcheck/access.toml
{{- end }}
{{- end }}

{{- define "netcheck.accessMount" -}}
{{- if .Values.access -}}
- {name: access, mountPath: /etc/netcheck, readOnly: true}
{{- end }}
{{- end }}

{{- define "netcheck.accessVolume" -}}
{{- if .Values.access -}}
- name: access
  configMap: {name: netcheck-access}
{{- end }}
{{- end }}

{{- /* A secret value: given, or the one of the last release, or a new one. */ -}}
{{- define "netcheck.secret" -}}
{{- if .given -}}
{{- .given -}}
{{- else -}}
{{- $existing := lookup "v1" "Secret" .root.Release.Namespace .name | default dict -}}
{{- with get ($existing.data | default dict) .key -}}{{- . | b64dec -}}{{- else -}}{{- randAlphaNum 40 -}}{{- end -}}
{{- end -}}
{{- end }}
